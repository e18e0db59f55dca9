import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { promisify, stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import type { CellMeta } from "../model/meta.ts";
import { temporaryFolderOfFile } from "../model/testdata/temporary.ts";

interface Seen extends CellMeta {
  readonly state: string;
}

const testdata = path.join(import.meta.dirname, "testdata");
const runFolder = temporaryFolderOfFile();

/** One real vitest run of the suites in testdata, for all tests below. */
const run = promisify(execFile)(process.execPath, [path.join(testdata, "run-vitest.ts"), runFolder, path.join(testdata, "suites")], {
  maxBuffer: 1 << 24,
}).then(({ stdout, stderr }) => {
  const lines = stdout.trimEnd().split("\n");
  const metas = JSON.parse(lines.at(-1)!) as Record<string, Seen>;
  return { shown: stripVTControlCharacters(stdout + stderr), metas };
});

async function seen(suite: string): Promise<Record<string, string>> {
  const { metas } = await run;
  const own = Object.entries(metas).filter(([name]) => name.startsWith(suite));
  return Object.fromEntries(
    own.map(([name, { state, outcome, reason }]) => [
      name.slice(suite.length + 2),
      [state, outcome, reason?.split("\n")[0]].filter(Boolean).join(", "),
    ]),
  );
}

test("a YAML suite: each way to end has its outcome", async () => {
  expect(await seen("failing.suite.yaml")).toEqual({
    passes: "passed, pass",
    "fails at its second step": "failed, fail",
    "fails on its text": "failed, fail",
    "breaks in the harness": "failed, error, TypeError: Cannot read properties of undefined (reading 'run')",
    "cannot be claimed": "skipped, not-applicable, tpm2: target host has no TPM",
    "cannot be claimed either, as only the machine knows": "skipped, not-applicable, measured-firmware: this is the host itself",
    "notices a reboot nobody asked for": "failed, fail",
    "holds, but its machine cannot be given back": "failed, error, Error: giving back the test's machines: a process does not end",
    "refuses to talk to a machine that is off": "failed, error, HarnessError: the machine is off, and `run` needs a running one",
  });
});

test("a failing step shows the YAML with its own line and column, the command and what it said", async () => {
  const { shown, metas } = await run;
  expect(shown).toMatch(
    /ClaimFailed: exit code 3, claimed is 0\n\n {2}step +run: \{ command: .*\n {2}command +echo seen; .*\n {2}exit code +3 after \d+ ms\n {2}stdout +seen\n {2}stderr +why\n {2}screen +host login: _\n {2}evidence +\//,
  );
  expect(shown).toMatch(/❯ failing\.suite\.yaml:11:9\n[^❯]*11\| {7}- run: \{ command: "echo seen;[^\n]*\n +\| {9}\^/);
  expect(metas["failing.suite.yaml: fails at its second step"]!.failure).toMatchObject({
    code: "OSB_RUN_EXIT",
    at: expect.stringMatching(/failing\.suite\.yaml:11:9$/),
    details: { stdout: "seen\n", stderr: "why\n", screen: "host login: _" },
  });
});

test("a test in TypeScript gets the same outcomes and places", async () => {
  const { metas } = await run;
  expect(await seen("typescript.test.ts")).toEqual({
    "passes and sees its machine": "passed, pass",
    "fails an assertion": "failed, fail",
    "fails a claim": "failed, fail",
    "cannot be claimed": "skipped, not-applicable, tpm2: there is none",
    "breaks in the harness": "failed, error, TypeError: Cannot read properties of undefined (reading 'boot')",
    "is timed out": "failed, error, TestTimeoutError: Test timed out in 50ms.",
    "needs no machine": "passed, pass",
  });
  expect(metas["typescript.test.ts: fails an assertion"]!.failure!.at).toMatch(/typescript\.test\.ts:9:25$/);
});

test("on a shared machine, what follows a failure does not run", async () => {
  expect(await seen("shared.suite.yaml")).toEqual({
    begins: "passed, pass",
    breaks: "failed, fail",
    "would build on it": `skipped, not-run, the machine's state is unknown after "breaks" failed`,
  });
});

test("a test says what it needed, and how that was found, by the manifests or by the running machine", async () => {
  const { metas } = await run;
  const needed = (suite: string, name: string) => metas[`${suite}.suite.yaml: ${name}`]?.capabilities;
  expect(needed("failing", "cannot be claimed")).toEqual([{ name: "tpm2", present: false, reason: "target host has no TPM" }]);
  const asked = [{ name: "measured-firmware", present: false, reason: "this is the host itself" }];
  expect(needed("failing", "cannot be claimed either, as only the machine knows")).toEqual(asked);
  expect(needed("failing", "passes")).toBeUndefined();
});

test("a test that does not apply leaves a shared machine to those after it", async () => {
  expect(await seen("ruled-out.suite.yaml")).toEqual({
    "needs what the target lacks": "skipped, not-applicable, tpm2: target host has no TPM",
    "needs what only the machine lacks": "skipped, not-applicable, measured-firmware: this is the host itself",
    "finds at its first step that it cannot be asked":
      "skipped, not-applicable, updates: the manifest of host says os: none, which has no updater",
    "still runs": "passed, pass",
    "finds out too late": "skipped, not-applicable, updates: the manifest of host says os: none, which has no updater",
    "does not trust that": `skipped, not-run, the machine's state is unknown after "finds out too late" did not pass`,
  });
});

test("a capability that was found once is no reason to skip when it is lost", async () => {
  expect(await seen("lost.suite.yaml")).toEqual({
    "has a capability, and loses it": "passed, pass",
    "is not let off for having lost it": "failed, fail",
  });
});

test("a second attempt gets a new machine and evidence of its own, and decides", async () => {
  expect(await seen("retried.test.ts")).toEqual({ "passes at its second attempt, on a machine of its own": "passed, pass" });
  const { metas } = await run;
  expect(metas["retried.test.ts: passes at its second attempt, on a machine of its own"]!.cell).toMatch(/\.attempt-2\./);
});

test("every machine that was opened was given back, also after a time-out", async () => {
  await run;
  const life = readFileSync(path.join(runFolder, "life"), "utf8").trimEnd().split("\n");
  const cells = (word: string) =>
    life
      .filter((line) => line.startsWith(word))
      .map((line) => line.split(" ")[1])
      .toSorted();
  expect(cells("close")).toEqual(cells("open"));
  expect(cells("open").filter((cell) => cell!.includes(".shared."))).toHaveLength(1);
  expect(cells("open").length).toBeGreaterThan(8);
});

test("steps leave a trace of what they did", async () => {
  const { metas } = await run;
  const folder = metas["failing.suite.yaml: fails at its second step"]!.evidenceFolder!;
  const steps = readFileSync(path.join(folder, "steps.jsonl"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as object);
  expect(steps).toMatchObject([
    { step: 'run: "true"', commands: [{ command: "true", code: 0 }] },
    { error: "exit code 3, claimed is 0", commands: [{ code: 3, stdout: "seen\n" }] },
  ]);
});

test("where nothing can be forked, a test makes the steps again that lead to its moment, and says why; what was never reached is not run", async () => {
  expect(await seen("moments.suite.yaml")).toEqual({
    "makes a moment, and fails behind it": "failed, fail",
    "starts from it, and makes one that is further": "passed, pass",
    "starts from the one that is further": "passed, pass",
    "fails before its moment": "failed, fail",
    "does not run, for it starts from what was never made":
      'skipped, not-run, it starts from the moment `never`, which was never made after "fails before its moment" failed',
    "does not run for the same reason":
      'skipped, not-run, it starts from the moment `never-either`, which was never made after "fails before its moment" failed',
    "does not apply": "skipped, not-applicable, tpm2: target host has no TPM",
    "does not apply either": "skipped, not-applicable, tpm2: target host has no TPM",
    "finds at a step that it does not apply": "skipped, not-applicable, updates: host has no later good version",
    "does not apply either, for nothing can be updated": "skipped, not-applicable, updates: host has no later good version",
    "passes once": "passed, pass",
    "is told when what it starts from cannot be made again": "failed, fail",
    "makes a moment that is kept, and another": "passed, pass",
    "is forked from the one, and nothing is repeated": "passed, pass",
    "finds the other cannot be restored, and gets there by its steps": "passed, pass",
    "repeats no more than what comes after what was kept": "passed, pass",
  });
  const { metas } = await run;
  const of = (name: string) => metas[`moments.suite.yaml: ${name}`]!;
  const why = (moment: string) => `the moment \`${moment}\` could not be kept: a folder cannot be saved`;
  expect(of("makes a moment, and fails behind it").machines).toMatchObject([{ start: { kind: "booted" } }]);
  expect(of("starts from it, and makes one that is further").machines[0]!.start).toEqual({ kind: "booted", why: why("made") });
  expect(of("starts from the one that is further").machines[0]!.start).toEqual({ kind: "booted", why: why("further") });
  const again = of("is told when what it starts from cannot be made again");
  expect(again.failure).toMatchObject({
    message: expect.stringMatching(/^getting to the moment `once` as "passes once" does: exit code 1, claimed is 0/),
    at: expect.stringMatching(/moments\.suite\.yaml:51:9$/),
  });
  const repeated = readFileSync(path.join(of("starts from the one that is further").evidenceFolder!, "steps.jsonl"), "utf8").trimEnd();
  expect(repeated.split("\n").map((line) => (JSON.parse(line) as { repeated?: string }).repeated)).toEqual([
    ...Array.from({ length: 3 }, () => "makes a moment, and fails behind it"),
    ...Array.from({ length: 2 }, () => "starts from it, and makes one that is further"),
    undefined,
  ]);
});

test("a moment is forked; one that cannot be restored is thrown away, and who starts there gets there by the steps", async () => {
  const { metas } = await run;
  const start = (name: string) => metas[`moments.suite.yaml: ${name}`]!.machines[0]!.start;
  expect(start("is forked from the one, and nothing is repeated")).toEqual({ kind: "forked", moment: { name: "kept" } });
  expect(start("finds the other cannot be restored, and gets there by its steps")).toEqual({
    kind: "booted",
    why: "the moment `lost` could not be restored: it is gone; it was thrown away",
  });
  const after = "repeats no more than what comes after what was kept";
  expect(start(after)).toEqual({
    kind: "forked",
    moment: { name: "kept" },
    why: "the moment `after-kept` could not be kept: a folder cannot be saved",
  });
  const steps = readFileSync(path.join(metas[`moments.suite.yaml: ${after}`]!.evidenceFolder!, "steps.jsonl"), "utf8").trimEnd();
  expect(steps.split("\n").map((line) => (JSON.parse(line) as { step: string }).step)).toEqual([
    `run: test "$(wc -l <"$RUN_FOLDER/kept")" -ge 2`,
    "moment: after-kept",
    'run: "true"',
  ]);
});
