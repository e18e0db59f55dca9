import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { seededRandom } from "../model/testdata/random.ts";
import { readAnswer } from "./answer.ts";
import { cksum } from "./cksum.ts";
import { FrameReader } from "./frame-reader.ts";
import { findBody, findChunk, longestChunk } from "./frames.ts";

const mark = "Q2x7Yp0Zk4Ra";
const bytes = Buffer.from("hello\0world\n".repeat(20));
const lines = (content: Buffer) => content.toString("base64").replace(/.{76}/g, "$&\n");
const hex = (content: Buffer) => content.toString("hex").replace(/../g, " $&").replace(/.{48}/g, "$&\n");
const sha256 = (content: Buffer) => `${createHash("sha256").update(content).digest("hex")}  -`;
const chunk = (body: string, sum = sha256(bytes)) => `\n@${mark}:${body}\n@${mark} ${sum}\n@${mark}!\n`;
const said = (body: string) => `\n@${mark} ${body}@${mark} ${body}@${mark} ${body}@${mark}!\n`;

describe("a chunk", () => {
  test("is what the guest sent, whatever it encodes and sums with", () => {
    expect(findChunk(chunk(lines(bytes)), mark)).toEqual({ bytes, proven: true });
    expect(findChunk(chunk(lines(bytes), `${cksum(bytes)} ${bytes.length}`), mark)).toEqual({ bytes, proven: true });
    expect(findChunk(chunk(hex(bytes)), mark)).toEqual({ bytes, proven: true });
    expect(findChunk(chunk(lines(bytes), "none"), mark)).toEqual({ bytes, proven: false });
  });

  test("is unpacked if it says that it is packed, and then only", () => {
    const packed = gzipSync(bytes);
    const says = (body: string, how: string, sum?: string) => chunk(body, sum).replace(":", how);
    expect(findChunk(says(lines(packed), ";"), mark)).toEqual({ bytes, proven: true });
    expect(findChunk(says(hex(packed), ";", "none"), mark)).toEqual({ bytes, proven: false });
    expect(findChunk(says(lines(packed), ":", sha256(packed)), mark)).toEqual({ bytes: packed, proven: true });
    for (const [body, how] of [
      [packed, ":"],
      [bytes, ";"],
      [packed.subarray(0, -9), ";"],
      [gzipSync(Buffer.alloc(longestChunk + 1)), ";"],
    ] as const)
      expect(findChunk(says(lines(body), how), mark)).toBe("damaged");
  });

  test("is not there before its end", () => {
    const whole = chunk(lines(bytes));
    for (let length = 0; length < whole.length - 2; length++) expect(findChunk(whole.slice(0, length), mark)).toBeUndefined();
  });

  test.each([
    ["foreign text that looks like base64", lines(bytes).replace("\n", "\nabcd\n")],
    ["a lost character", lines(bytes).slice(1)],
    ["a swapped character", `${lines(bytes).startsWith("a") ? "b" : "a"}${lines(bytes).slice(1)}`],
    ["a lost line", lines(bytes).split("\n").slice(1).join("\n")],
    ["nothing", ""],
  ])("is damaged by %s", (_, damaged) => {
    expect(findChunk(chunk(damaged), mark)).toBe("damaged");
  });

  test("is damaged by a sum of an unknown kind, and is no other question's answer", () => {
    expect(findChunk(chunk(lines(bytes), "md5 0123"), mark)).toBe("damaged");
    expect(findChunk(chunk(lines(bytes)), "another")).toBeUndefined();
  });
});

describe("a body", () => {
  test("counts when it came three times the same, the first time or a later one", () => {
    const take = (body: string) => body;
    expect(findBody(said("0 2 0 x^"), mark, take)).toBe("0 2 0 x^");
    expect(findBody(`@${mark} 0 2 0 x^@${mark} 0 2 0 x^@${mark} 0 2 0 y^@${mark}!\n${said("0 2 0 x^")}`, mark, take)).toBe("0 2 0 x^");
    for (const part of [
      `@${mark} a@${mark} a@${mark} a`,
      `@${mark} a@${mark} a@${mark} b@${mark}!`,
      `@${mark} a@${mark} a@${mark}!`,
      `@${mark}!\n\n@${mark}!\n\n@${mark}!`,
    ])
      expect(findBody(part, mark, take)).toBeUndefined();
  });

  test("is an answer only if its lengths are right", () => {
    expect(readAnswer("3 2 1 x^y")).toEqual({
      code: 3,
      stdoutLength: 2,
      stderrLength: 1,
      text: { stdout: Buffer.from("x\n"), stderr: Buffer.from("y") },
    });
    expect(readAnswer("0 500 - *")).toEqual({ code: 0, stdoutLength: 500, stderrLength: undefined, text: undefined });
    for (const wrong of ["0 2 0 x", "0 2 0 xyz", "x 0 0 ", "0 0 ", "0 1 0 [", ""]) expect(readAnswer(wrong)).toBeUndefined();
  });
});

test("kernel lines go, wherever they began and however they came", () => {
  const text = "aGV[   12.345678] usb 1-1: new [x]\r\nsbG8=\n[    1.000][    T7] x: y\r\n[z] [1.5 [    9.123456] tail\n!";
  for (let size = 1; size < text.length; size++) {
    const reader = new FrameReader();
    for (let at = 0; at < text.length; at += size) reader.feed(Buffer.from(text.slice(at, at + size)));
    expect(reader.text).toBe("aGVsbG8=\n[z] [1.5 !");
  }
});

test("memory stays bounded, whatever comes", () => {
  const reader = new FrameReader(10_000);
  for (let round = 0; round < 2000; round++) reader.feed(Buffer.from(round % 2 ? "[   1.000000] and no end " : "x".repeat(100)));
  expect(reader.text.length).toBeLessThanOrEqual(10_000);
});

// OSBENCH_FUZZ=5000000 tries that many; OSBENCH_FUZZ_SEED repeats one run.
test("no damage whatever is taken for an answer", { timeout: 3_600_000 }, async () => {
  const count = Number(process.env["OSBENCH_FUZZ"] ?? 60_000);
  const seed = Number(process.env["OSBENCH_FUZZ_SEED"] ?? Date.now() % 1_000_000_000);
  const random = seededRandom(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  let [whole, damaged] = [0, 0];
  for (let round = 0; round < count; round++) {
    const content = Buffer.from(Array.from({ length: below(120) }, () => below(256)));
    const text = Buffer.from(Array.from({ length: below(40) }, () => " !.09AZ_az~^".charCodeAt(below(12)))).toString("latin1");
    const split = below(text.length + 1);
    const body = `${below(256)} ${split} ${text.length - split} ${text}`;
    const isChunk = random() < 0.5;
    const sums = [sha256(content), `${cksum(content)} ${content.length}`];
    let sent = isChunk ? chunk((random() < 0.8 ? lines : hex)(content), sums[below(2)]) : said(body);
    for (let hits = below(4); hits > 0; hits--) sent = damage(sent, below, random);
    const reader = new FrameReader(4096);
    const stream = Buffer.from(sent, "latin1");
    for (let at = 0; at < stream.length;) {
      const next = Math.min(stream.length, at + 1 + below(64));
      reader.feed(stream.subarray(at, next));
      at = next;
    }
    const context = `seed ${seed}, round ${round}: ${JSON.stringify(sent)}`;
    if (isChunk) {
      const found = findChunk(reader.text, mark);
      if (found && found !== "damaged") {
        whole++;
        if (!found.proven || !found.bytes.equals(content)) expect.fail(`${context} was taken for ${found.bytes.toString("hex")}`);
      } else damaged++;
    } else {
      const found = findBody(reader.text, mark, (candidate) => (readAnswer(candidate) ? candidate : undefined));
      if (found === undefined) damaged++;
      else if (found === body) whole++;
      else expect.fail(`${context} was taken for ${found}`);
    }
  }
  // A check that refuses everything, or lets everything pass, would prove nothing.
  expect(whole).toBeGreaterThan(count / 10);
  expect(damaged).toBeGreaterThan(count / 10);
});

const noises = [
  "[   12.345678] usb 1-1: new device\r\n",
  "[    1.000000] x",
  "login: ",
  "\u001b[0;32m OK \u001b[0m",
  "@",
  `@${mark}`,
  `@${mark}!`,
  `@${mark} `,
  "\0",
  "\r\n",
  "\u00ff\u00fe",
];

/** What can happen to bytes on a line, and a little more. */
function damage(text: string, below: (limit: number) => number, random: () => number): string {
  const at = below(text.length + 1);
  const [before, after] = [text.slice(0, at), text.slice(at)];
  const kinds: (() => string)[] = [
    () => before + after.slice(1 + below(3)),
    () => before + String.fromCharCode(below(256)) + after.slice(1),
    () => before + (noises[below(noises.length)] as string) + after,
    () => before + after.slice(below(after.length + 1)),
    () => before + text.slice(at, at + below(30)) + after,
    () => before,
    () => text + said(`${below(256)} 1 0 x`).replaceAll(mark, "0ld0ld0ld0ld"),
    () => before + noises[0] + after,
    () => before + Array.from({ length: below(20) }, () => String.fromCharCode(below(256))).join("") + after,
  ];
  return (kinds[Math.floor(random() * kinds.length)] as () => string)();
}
