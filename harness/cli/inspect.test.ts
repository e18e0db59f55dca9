import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sampleFile } from "../image/testdata/samples.ts";

function osbench(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [join(import.meta.dirname, "main.ts"), ...args], { encoding: "utf8" });
}

test("prints what an image is", () => {
  const { status, stdout } = osbench("inspect", sampleFile("disk-x86_64.raw"));
  expect(status).toBe(0);
  expect(stdout).toContain("disk-x86_64.raw: a raw disk, 40 MiB, starts on x86_64\n");
  expect(stdout).toContain("  2  root (x86_64)  sample_1  2 MiB at 37 MiB\n");
  expect(stdout).toContain("  command line  console=ttyS0 quiet\n");
});

test("prints the same as JSON", () => {
  const { status, stdout } = osbench("inspect", "--json", sampleFile("sample_1.efi"));
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ form: "uki", architectures: ["x86_64"], ukis: [{ uname: "6.12.0-sample" }] });
});

test("a file that is not there is wrong input", () => {
  const { status, stderr } = osbench("inspect", "/nonexistent.raw");
  expect(status).toBe(2);
  expect(stderr).toContain("/nonexistent.raw: does not exist");
});
