import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { lastAttempts } from "../harness/model/record.ts";

/** How many tests there were, by what became of them. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export function add(...tallies: readonly Tally[]): Tally {
  const sum = (key: keyof Tally) => tallies.reduce((total, tally) => total + tally[key], 0);
  return { passed: sum("passed"), failed: sum("failed"), skipped: sum("skipped") };
}

/** What a program that ended badly adds when its report blames no test: nothing may look green then. */
export function blame(tally: Tally, exitCode: number | undefined): Tally {
  return exitCode !== 0 && tally.failed === 0 ? { ...tally, failed: 1 } : tally;
}

const report = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number().default(0),
  testResults: z.array(
    z.object({
      name: z.string().default(""),
      status: z.string(),
      assertionResults: z.array(z.object({ status: z.string().default(""), failureMessages: z.array(z.string()).nullish() })),
    }),
  ),
});

/**
 * Counts what vitest's JSON report says, but for the files `leftOut`. A file that could not even be loaded counts as one failed test; so does a report
 * that is missing.
 */
export async function tallyVitest(file: string, leftOut: readonly string[] = []): Promise<Tally> {
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) return { passed: 0, failed: 1, skipped: 0 };
  const result = report.parse(JSON.parse(text));
  const unloaded = result.testResults.filter((one) => one.status === "failed" && one.assertionResults.length === 0).length;
  const without = result.testResults.filter(({ name: path }) => leftOut.includes(path)).flatMap((one) => one.assertionResults);
  const passed = without.filter(({ status }) => status === "passed").length;
  const failed = without.filter(({ status }) => status === "failed").length;
  return {
    passed: result.numPassedTests - passed,
    failed: result.numFailedTests + unloaded - failed,
    skipped: result.numPendingTests + result.numTodoTests - (without.length - passed - failed),
  };
}

/** Files of a vitest report in which tests failed, and every one of them by a fault of the emulator or the host: one of these signatures, or nobody woke the processors. */
export async function spoiltByHost(file: string, signatures: readonly string[]): Promise<string[]> {
  const parsed = report.safeParse(JSON.parse(await readFile(file, "utf8").catch(() => "{}")));
  const byEmulator = (message: string) =>
    message.startsWith("HarnessError") && [...signatures.map((id) => `(${id})`), "and none comes"].some((part) => message.includes(part));
  return (parsed.data?.testResults ?? []).flatMap(({ name: path, assertionResults }) => {
    const failed = assertionResults.filter(({ status }) => status === "failed");
    return failed.length > 0 && failed.every(({ failureMessages }) => byEmulator(failureMessages?.[0] ?? "")) ? [path] : [];
  });
}

const name = z.object({ name: z.string() });
const line = z.object({ image: name, target: name, suite: name, test: z.string(), outcome: z.string() });
const plan = z.object({ planned: z.array(z.unknown()).default([]) });
const counted: Readonly<Record<string, keyof Tally>> = { pass: "passed", "not-applicable": "skipped" };

/** Counts the cells of a run by their records. Whatever is neither a pass nor not applicable counts as failed, a planned cell without a record too. */
export async function tallyRun(folder: string): Promise<Tally> {
  const lines = (await readFile(join(folder, "records.jsonl"), "utf8").catch(() => "")).split("\n").filter((text) => text.trim() !== "");
  const records = lastAttempts(lines.map((text) => line.parse(JSON.parse(text))));
  const tally = { passed: 0, failed: 0, skipped: 0 };
  for (const { outcome } of records) tally[counted[outcome] ?? "failed"]++;
  const provenance = await readFile(join(folder, "run.json"), "utf8").catch(() => "{}");
  const planned = plan.parse(JSON.parse(provenance)).planned.length;
  return { ...tally, failed: tally.failed + Math.max(0, planned - records.length) };
}

const caught = z.object({ passed: z.number(), failed: z.number() });

/** Counts what `scripts/broken.ts --json` printed: an image that was caught passed. No answer counts as failed. */
export function tallyBroken(stdout: string): Tally {
  const counts = caught.safeParse(answer(stdout));
  return counts.success ? { ...counts.data, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 };
}

const judged = z.object({ kinds: z.number(), right: z.number(), controls: z.number(), falseAlarms: z.number() });

/** Counts what `scripts/bench.ts verdict --json` printed: a broken boot with the right verdict passed, a good one without any too. No answer counts as failed. */
export function tallyVerdicts(stdout: string): Tally {
  const counts = judged.safeParse(answer(stdout));
  if (!counts.success) return { passed: 0, failed: 1, skipped: 0 };
  const { kinds, right, controls, falseAlarms } = counts.data;
  return { passed: right + controls - falseAlarms, failed: kinds - right + falseAlarms, skipped: 0 };
}

function answer(stdout: string): unknown {
  try {
    return JSON.parse(stdout);
  } catch {
    return undefined;
  }
}
