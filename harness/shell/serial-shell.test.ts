import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { cksum } from "./cksum.ts";
import { decode, withoutKernelLines } from "./serial-shell.ts";

const bytes = Buffer.from("hello\0world\n".repeat(20));
const lines = bytes.toString("base64").replace(/.{76}/g, "$&\n");
const sha256 = createHash("sha256").update(bytes).digest("hex");
const answer = (body: string, sum = `sha256 ${sha256}  -`) => `:n:begin:\n${body}\n\n:n:end:${sum}\n\n:n:done:`;

describe("decode", () => {
  test("gives the bytes when everything is as the guest sent it", () => {
    expect(decode(answer(lines), "n")).toEqual(bytes);
    expect(decode(answer(lines, `cksum ${cksum(bytes)} ${bytes.length}`), "n")).toEqual(bytes);
  });

  test.each([
    ["a kernel line between", lines.replace("\n", "\n[   12.3] usb 1-1: new device\n")],
    ["kernel text that looks like base64", lines.replace("\n", "\nabcd\n")],
    ["a lost character", lines.slice(1)],
    ["a swapped character", `${lines.startsWith("a") ? "b" : "a"}${lines.slice(1)}`],
  ])("refuses %s", (_, damaged) => {
    expect(decode(answer(damaged), "n")).toBeUndefined();
  });

  test("refuses an answer to another question", () => {
    expect(decode(answer(lines), "m")).toBeUndefined();
  });

  test("refuses an unknown kind of sum", () => {
    expect(decode(answer(lines, "md5 0123"), "n")).toBeUndefined();
  });
});

test("kernel lines go, wherever they began", () => {
  expect(withoutKernelLines("aGV[   12.345678] usb 1-1: new\nsbG8=\n[    1.000][    T7] x: y\n")).toBe("aGVsbG8=\n");
});

test("cksum is what cksum(1) prints", () => {
  expect(cksum(Buffer.from("hello\n"))).toBe(3015617425);
  expect(cksum(Buffer.alloc(0))).toBe(4294967295);
});
