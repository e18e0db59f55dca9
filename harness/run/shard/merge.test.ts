import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { runProvenance, type CellRecord, type RunProvenance } from "../../model/record.ts";
import type { ShardFacts } from "../../model/shard.ts";
import { temporaryFolder } from "../../model/testdata/temporary.ts";
import { exampleRecord } from "../examples.ts";
import { merge } from "./command.ts";
import { mergeRuns, type MergedRecord } from "./merge.ts";
import type { PartRun } from "./part.ts";

const at = (minute: number) => `2026-01-02T03:${String(minute).padStart(2, "0")}:00.000Z`;
const record = (suite: string, parts: Partial<CellRecord> = {}): CellRecord =>
  exampleRecord({ suite: { name: suite, digest: "11", file: `${suite}.yaml` }, started: at(5), ...parts });
const cell = (suite: string, test = "boots") => ({ image: "debian-ab", target: "x86_64", suite, test });
const unit = (suite: string, shard: number) => ({ image: "debian-ab", target: "x86_64", suite, tests: ["boots"], shard });
const units: ShardFacts["units"] = [unit("boot", 1), unit("pcr", 2), unit("update", 3)];

const provenance = (parts: Partial<RunProvenance>): RunProvenance =>
  runProvenance.parse({
    schema: 2,
    run: "r",
    started: at(0),
    finished: at(9),
    osbench: { version: "1", revision: "aaaa" },
    command: ["run"],
    host: { os: "Debian", kernel: "6", cores: 2, memoryMiB: 1000, accelerators: {} },
    tools: {},
    images: [],
    targets: ["x86_64"],
    suites: [],
    ...parts,
  });
const part = (run: string, records: CellRecord[], facts: Partial<RunProvenance> = {}): PartRun => {
  const { planned, ...rest } = provenance({ run, planned: records.map((one) => cell(one.suite.name, one.test)), ...facts });
  return {
    ...{ folder: `/runs/${run}`, run, provenance: rest, damage: [] },
    planned: () => Promise.resolve(planned),
    async *records() {
      for (const [offset, one] of records.entries()) yield await Promise.resolve({ record: { ...one, run }, offset, bytes: 1 });
    },
    read: ({ offset }) => Promise.resolve({ ...records[offset]!, run }),
  };
};
const shard = (index: number, records: CellRecord[], facts: Partial<RunProvenance> = {}) =>
  part(`shard-${index}`, records, { shard: { index, of: 3, units }, ...facts });
const said = async (parts: readonly PartRun[], plan: Parameters<typeof mergeRuns>[2] = []) => {
  const merged = await mergeRuns(parts, "merged", plan);
  const records: MergedRecord[] = [];
  for await (const one of merged.records()) records.push(one);
  return {
    ...merged,
    records,
    planned: [...merged.planned()],
    notes: merged.facts.notes,
    lines: records.map(({ record: { suite, outcome, attempts, reason } }) =>
      [suite.name, outcome, attempts, reason].filter(Boolean).join(" "),
    ),
  };
};

test("three shards make one run, of which each says where it comes from", async () => {
  const { lines, notes, missing, records, facts, planned } = await said([
    shard(1, [record("boot")]),
    shard(2, [record("pcr", { outcome: "fail" })]),
    shard(3, [record("update")]),
  ]);
  expect([lines, notes, missing]).toEqual([["boot pass 1", "pcr fail 1", "update pass 1"], [], 0]);
  expect(new Set(records.map((one) => one.record.run))).toEqual(new Set(["merged"]));
  expect(facts.from.map((one) => [one.run, one.shard, one.records])).toEqual([
    ["shard-1", "1/3", 1],
    ["shard-2", "2/3", 1],
    ["shard-3", "3/3", 1],
  ]);
  expect(planned).toHaveLength(3);
});

test("a shard that was killed leaves cells that did not run, not a gap; one that never was, too", async () => {
  const planned = [cell("pcr"), cell("pcr", "explains")];
  const killed = part("shard-2", [record("pcr")], { planned, shard: { index: 2, of: 3, units } });
  const { lines, notes, missing } = await said([
    shard(1, [record("boot")]),
    { ...killed, provenance: { ...killed.provenance!, finished: undefined } },
  ]);
  expect(missing).toBe(2);
  expect(lines.slice(2)).toEqual([
    "pcr not-run 1 shard 2/3 (run shard-2) ended before this cell was reached",
    "update not-run 1 shard 3/3 left nothing",
  ]);
  expect(notes).toEqual([
    "shard 2/3 (run shard-2) did not finish: it was killed, or still runs",
    "shard 3/3 left nothing: no run of it was given, and 1 cells are its",
  ]);
});

test("what a plan lists and no run planned is missing", async () => {
  const { lines, notes } = await said([part("job", [record("boot")])], [unit("boot", 1), unit("sysext", 1)]);
  expect(lines).toEqual(["boot pass 1", "sysext not-run 1 the plan lists this cell, and no run of it was given"]);
  expect(notes).toEqual(["1 cells of the plan were planned by none of the runs given"]);
});

test("of a cell that several runs tried all outcomes are kept, the newest last; no outcome never hides one", async () => {
  const first = part("a", [
    record("boot", { outcome: "error", started: at(3) }),
    record("boot", { started: at(4), attempts: 2 }),
    record("pcr"),
  ]);
  const second = part("b", [
    record("boot", { outcome: "fail", started: at(6) }),
    record("pcr", { outcome: "not-run", started: at(8), reason: "interrupted" }),
  ]);
  const { lines, notes } = await said([second, first]);
  expect(lines).toEqual(["boot error 1", "boot pass 2", "boot fail 3", "pcr pass 1"]);
  expect(notes).toEqual(["2 cells were tried by more than one run; of each the newest outcome counts"]);
});

test("several revisions of a suite, builds of an image, revisions of osbench and divisions of the matrix are said", async () => {
  const { image, target } = exampleRecord();
  const other = record("boot", {
    test: "logs in",
    suite: { name: "boot", digest: "22", file: "" },
    image: { ...image, digest: "sha256:99" },
  });
  const riscv = record("pcr", { image: { ...image, digest: "sha256:77" }, target: { ...target, name: "riscv64", arch: "riscv64" } });
  const otherUnits = [unit("boot", 2), unit("pcr", 1), unit("update", 3)];
  const { notes } = await said([
    shard(1, [record("boot")]),
    shard(2, [other, riscv], { osbench: { version: "1", revision: "bbbb" }, shard: { index: 2, of: 3, units: otherUnits } }),
    shard(3, [record("update")]),
  ]);
  expect(notes).toEqual([
    expect.stringMatching(/^shard 2\/3 \(run shard-2\) divides the matrix otherwise than shard 1\/3/),
    "suite boot has several revisions: 11 in shard-1; 22 in shard-2",
    "image debian-ab (x86_64) is of several builds: sha256:00 in shard-1, shard-3; sha256:99 in shard-2",
    "osbench ran in several revisions: 1 aaaa in shard-1, shard-3; 1 bbbb in shard-2",
  ]);
});

test("damage and a lost run.json are said", async () => {
  const { notes } = await said([
    { ...part("a", [record("boot")]), provenance: undefined, damage: [{ file: "records.jsonl", line: 2, what: "the line is not JSON" }] },
  ]);
  expect(notes).toEqual([
    "run a does not say what it planned: its run.json is missing or damaged",
    "run a: records.jsonl:2: the line is not JSON",
  ]);
});

let folder: string;
beforeEach(() => void (folder = temporaryFolder()));

/** A part on disk with one file of evidence. */
function onDisk(run: string, path: string, text: string, minute: number, more: CellRecord["evidence"] = []): PartRun {
  const from = join(folder, run);
  mkdirSync(join(from, "evidence/cell"), { recursive: true });
  if (!path.startsWith("..")) writeFileSync(join(from, path), text);
  const evidence = [{ name: "console.log", path, sha256: "0".repeat(64), bytes: text.length }, ...more];
  return { ...part(run, [record("boot", { evidence, started: at(minute) })]), folder: from };
}

test("evidence is copied, two runs' folders of one name stay apart, and nothing from outside of a run is", async () => {
  writeFileSync(join(folder, "secret"), "secret");
  const parts = [
    onDisk("a", "evidence/cell/console.log", "from a", 1, [{ name: "link", path: "evidence/link", sha256: "", bytes: 1 }]),
    onDisk("b", "evidence/cell/console.log", "from b", 2),
    onDisk("c", "../secret", "secret", 3),
  ];
  symlinkSync("/etc/hostname", join(folder, "a/evidence/link"));
  const to = join(folder, "merged");
  const merged = await merge({ parts, to, command: ["merge"], junit: join(folder, "junit.xml") });
  const lines = readFileSync(join(to, "records.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as CellRecord);
  expect(lines.map(({ evidence }) => evidence.map(({ path }) => path))).toEqual([
    ["evidence/cell/console.log", "evidence/link"],
    ["evidence/cell~2/console.log"],
    ["../secret"],
  ]);
  expect(readFileSync(join(to, "evidence/cell/console.log"), "utf8")).toBe("from a");
  expect(readFileSync(join(to, "evidence/cell~2/console.log"), "utf8")).toBe("from b");
  expect(() => readFileSync(join(to, "evidence/link"))).toThrow(/ENOENT/);
  expect(merged.notes).toContain("2 files of evidence are named by records and are not there");
  expect(merged).toMatchObject({ cells: 1, counts: { pass: 1 } });
  const written = runProvenance.parse(JSON.parse(readFileSync(join(to, "run.json"), "utf8")));
  expect(written).toMatchObject({ run: merged.run, started: at(0), merged: { from: [{ run: "a" }, { run: "b" }, { run: "c" }] } });
  expect(JSON.parse(readFileSync(join(to, "durations.json"), "utf8"))).toEqual({ "debian-ab · x86_64 · boot · boots": [1000, 1000, 1000] });
  expect(readFileSync(join(folder, "junit.xml"), "utf8")).toContain('tests="1"');
});

test("what failed outside of any cell is not lost", async () => {
  const to = join(folder, "merged");
  await merge({ parts: [part("a", [record("boot")], { problems: ["expected 1 to be 2"] })], to, command: [] });
  expect(JSON.parse(readFileSync(join(to, "run.json"), "utf8"))).toMatchObject({ problems: ["run a: expected 1 to be 2"] });
});

test("nothing to merge, a taken folder and a file that is no plan are wrong input", async () => {
  const to = join(folder, "merged");
  const parts = [part("a", [record("boot")])];
  await expect(merge({ parts: [], to, command: [] })).rejects.toThrow(/nothing to merge/);
  writeFileSync(join(folder, "plan.json"), '{"units": [{"image": 1}]}');
  await expect(merge({ parts, to, plan: join(folder, "plan.json"), command: [] })).rejects.toThrow(
    /plan\.json: is no plan: units\.0\.image/,
  );
  await expect(merge({ parts, to, plan: join(folder, "none.json"), command: [] })).rejects.toThrow(/cannot be read/);
  await merge({ parts, to, command: [] });
  await expect(merge({ parts, to, command: [] })).rejects.toThrow(/--to: .*already holds a run/);
});
