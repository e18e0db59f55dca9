import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../harness/model/testdata/temporary.ts";
import { add, blame, spoiltByHost, tallyBroken, tallyRun, tallyVerdicts, tallyVitest } from "./tally.ts";

async function folderWith(files: Record<string, string>): Promise<string> {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return folder;
}

const cell = (test: string, outcome: string) =>
  `${JSON.stringify({ image: { name: "i" }, target: { name: "t" }, suite: { name: "s" }, test, outcome })}\n`;

test("of several attempts at a cell the last one's record counts", async () => {
  const folder = await folderWith({ "records.jsonl": cell("a", "error") + cell("b", "pass") + cell("a", "pass") + cell("b", "fail") });
  expect(await tallyRun(folder)).toEqual({ passed: 1, failed: 1, skipped: 0 });
});

test("only a pass passes: errors, cells not run and cells without a record fail", async () => {
  const outcomes = ["pass", "fail", "error", "not-run", "not-applicable", "pass"];
  const folder = await folderWith({
    "records.jsonl": outcomes.map((outcome, index) => cell(String(index), outcome)).join(""),
    "run.json": JSON.stringify({ planned: Array.from({ length: 8 }, () => ({})) }),
  });
  expect(await tallyRun(folder)).toEqual({ passed: 2, failed: 3 + 2, skipped: 1 });
});

test("a run that left nothing has no passes, and its exit code makes it fail", async () => {
  const tally = await tallyRun(await folderWith({}));
  expect(blame(tally, 3)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  expect(blame(tally, undefined)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  expect(blame({ passed: 1, failed: 0, skipped: 0 }, 0)).toEqual({ passed: 1, failed: 0, skipped: 0 });
});

test("a test file that could not be loaded counts as failed, and so does a missing report", async () => {
  const testResults = [
    { status: "failed", assertionResults: [] },
    { status: "passed", assertionResults: [{}] },
  ];
  const report = { numPassedTests: 1, numFailedTests: 0, numPendingTests: 2, numTodoTests: 1, testResults };
  const folder = await folderWith({ "vitest.json": JSON.stringify(report) });
  const tally = await tallyVitest(join(folder, "vitest.json"));
  expect(tally).toEqual({ passed: 1, failed: 1, skipped: 3 });
  expect(add(tally, await tallyVitest(join(folder, "none.json")))).toEqual({ passed: 1, failed: 2, skipped: 3 });
});

test("a file is tried again only if all that failed in it is the fault of the emulator or the host, and then counts as it went the second time", async () => {
  const failed = (message: string) => ({ status: "failed", failureMessages: [`${message}\n    at x.ts:1:1`] });
  const stuck = failed("HarnessError: userspace phase not over after this: a timer of the machine did not fire (rcu-timer) in boot 2");
  const unwoken = failed("HarnessError: its processors wait for an interrupt, and none comes in boot 1, kernel phase");
  const ours = failed("AssertionError: expected 1 to be 2 (rcu-timer)");
  const bug = failed("HarnessError: qemu-img failed");
  const passed = { status: "passed", failureMessages: [] };
  const testResults = [
    { name: "/spoilt.ts", status: "failed", assertionResults: [passed, stuck, unwoken, { status: "pending" }] },
    { name: "/mixed.ts", status: "failed", assertionResults: [stuck, ours] },
    { name: "/bug.ts", status: "failed", assertionResults: [bug] },
    { name: "/good.ts", status: "passed", assertionResults: [passed] },
  ];
  const report = { numPassedTests: 2, numFailedTests: 5, numPendingTests: 1, testResults };
  const folder = await folderWith({ "vitest.json": JSON.stringify(report) });
  const file = join(folder, "vitest.json");
  expect(await spoiltByHost(file, ["rcu-timer"])).toEqual(["/spoilt.ts"]);
  expect(await tallyVitest(file, ["/spoilt.ts"])).toEqual({ passed: 1, failed: 3, skipped: 0 });
  expect(await spoiltByHost(join(folder, "none.json"), ["rcu-timer"])).toEqual([]);
});

test("an image broken on purpose passes when it was caught; an answer that is cut short or missing fails", () => {
  const answer = JSON.stringify({ passed: 6, failed: 1, verdicts: [] });
  expect(tallyBroken(answer)).toEqual({ passed: 6, failed: 1, skipped: 0 });
  for (const text of ["", answer.slice(0, -4), "{}"]) expect(tallyBroken(text)).toEqual({ passed: 0, failed: 1, skipped: 0 });
});

test("a broken boot counts by its verdict, a good one by having none; no answer is a failure", () => {
  const answer = { kinds: 30, right: 28, controls: 3, falseAlarms: 1, medianSeconds: 0.1 };
  expect(tallyVerdicts(JSON.stringify(answer))).toEqual({ passed: 30, failed: 3, skipped: 0 });
  expect(tallyVerdicts("killed")).toEqual({ passed: 0, failed: 1, skipped: 0 });
});
