import { expect, test } from "vitest";
import { execa } from "execa";
import { join } from "node:path";
import { ClaimFailed, HarnessError, InputError, NotApplicable } from "../../model/errors.ts";
import { exitCodeOf } from "./report.ts";

const main = join(import.meta.dirname, "../main.ts");
const osbench = (...argv: string[]) => execa(process.execPath, [main, ...argv], { reject: false, stdin: "ignore" });

test.each([
  [new ClaimFailed("OSB_X", "no"), 1],
  [new NotApplicable("tpm2", "no"), 1],
  [new InputError([]), 2],
  [new HarnessError("OSB_X", "no"), 3],
  [new TypeError("a bug"), 3],
  [new DOMException("interrupted", "AbortError"), 130],
])("%s ends osbench with exit code %i", (error, code) => expect(exitCodeOf(error)).toBe(code));

test("wrong input ends with 2 and says what is wrong on stderr, without a stack", async () => {
  const unknown = await osbench("build", "tinny");
  expect(unknown.exitCode).toBe(2);
  expect(unknown.stderr).toMatch(/^error: IMAGE: unknown image "tinny"\n {2}did you mean "tiny"\?$/);
  const flag = await osbench("doctor", "--jsn");
  expect(flag.exitCode).toBe(2);
  expect(flag.stderr).toContain("Did you mean --json?");
  const command = await osbench("docter");
  expect(command.exitCode).toBe(2);
  expect(command.stderr).toContain("Did you mean doctor?");
});

test("a run that is refused ends at once, though a worker was started for it", async () => {
  const refused = await osbench("run", "suites/boot", "--image", "tinny");
  expect(refused.exitCode).toBe(2);
  expect(refused.stderr).toContain('unknown image "tinny"');
});

test("help names the exit codes and every command", async () => {
  const help = await osbench("--help");
  expect(help.exitCode).toBe(0);
  for (const part of ["build", "doctor", "  130  interrupted", "    1  a claim failed"]) expect(help.stdout).toContain(part);
});

test("help of nothing asked for", async () => {
  const nothing = await osbench();
  expect(nothing.exitCode).toBe(2);
  expect(nothing.stderr).toContain("Usage: osbench");
});
