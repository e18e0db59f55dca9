import { appendFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, expect, test } from "vitest";
import { temporaryFolder } from "../../model/testdata/temporary.ts";
import { aRecord, aRun, writeRun } from "../fixtures/small-run.ts";
import { publishMatrix } from "../publish.ts";
import { decide } from "./decide.ts";
import { strictest } from "./policy.ts";
import { readSeen } from "./read-seen.ts";

let folder = "";
beforeEach(() => void (folder = temporaryFolder()));

const run = (name: string, ...records: Parameters<typeof writeRun>[1]) => writeRun(path.join(folder, name), records, aRun({ run: name }));
const decided = async (paths: readonly string[], baseline?: readonly string[]) => {
  const { exitCode, reasons } = decide(
    await readSeen(paths),
    strictest,
    baseline && (await readSeen(baseline)),
    new Date("2026-12-01T00:00:00Z"),
  );
  return { exitCode, says: [...reasons].map(({ text }) => text) };
};
const failure = { message: "no login\nmore", details: {} };

test("an older run's pass is the history of a newer run's failure", async () => {
  const one = await run("one", aRecord({ run: "one" }));
  const two = await run(
    "two",
    aRecord({ run: "two", outcome: "fail", failure, started: "2026-11-21T10:00:00.000Z", image: { ...aRecord().image, digest: "new" } }),
  );
  expect(await decided([two, one])).toEqual({ exitCode: 1, says: ["new-failure: debian-ab × x86_64, boot › reaches ready: no login"] });
  expect(await decided([two], [one])).toMatchObject({ exitCode: 1, says: [expect.stringMatching(/^regressed: .*: no login$/)] });
});

test("of several attempts the last written counts, also when the clock went back between them", async () => {
  const one = await run(
    "one",
    aRecord({ outcome: "error", failure, started: "2026-11-20T11:00:00.000Z" }),
    aRecord({ outcome: "pass", attempts: 2, started: "2026-11-20T10:00:00.000Z" }),
  );
  expect(await decided([one])).toEqual({ exitCode: 0, says: [] });
});

test("a run given twice, or copied, does not make a cell flaky nor a failure two", async () => {
  const one = await run("one", aRecord({ outcome: "fail", failure }));
  const copy = await writeRun(path.join(folder, "copy"), [aRecord({ outcome: "fail", failure })], aRun());
  expect((await decided([one, one, copy])).says).toHaveLength(1);
});

test("a planned cell nobody recorded is missing, and a damaged line closes the gate by itself", async () => {
  const planned = [{ image: "debian-ab", target: "x86_64", suite: "boot", test: "survives" }];
  const one = await writeRun(path.join(folder, "one"), [aRecord()], aRun({ planned }));
  expect(await decided([one])).toEqual({
    exitCode: 2,
    says: ["missing: debian-ab × x86_64, boot › survives: planned, but the run finished without a record of it"],
  });
  await appendFile(path.join(one, "records.jsonl"), '{"schema":2,"ru');
  expect((await decided([one])).says).toContainEqual(
    expect.stringMatching(/^damaged: .*one\/records\.jsonl:2: the line ends in the middle/),
  );
});

test("a published matrix decides as the runs it was made of", async () => {
  const one = await run(
    "one",
    aRecord(),
    aRecord({ test: "b", outcome: "fail", failure }),
    aRecord({ test: "c", outcome: "error", failure }),
  );
  const { json } = await publishMatrix([one], path.join(folder, "matrix"));
  expect(await decided([json])).toEqual(await decided([one]));
  await writeFile(json, "{}");
  await expect(readSeen([json])).rejects.toThrow(/matrix\.json: is no matrix: /);
});

test("a cell that several baselines have is what it was last, in whatever order they are named", async () => {
  const old = await run("old", aRecord({ run: "old", outcome: "fail", failure }));
  const later = await run("later", aRecord({ run: "later", started: "2026-11-21T10:00:00.000Z" }));
  const files = await Promise.all(
    [old, later].map(async (folder, index) => (await publishMatrix([folder], path.join(folder, `site-${index}`))).json),
  );
  for (const paths of [files, files.toReversed()]) {
    expect([...(await readSeen(paths)).cells()].map(({ seen }) => seen.map(({ outcome }) => outcome))).toEqual([["pass", "fail"]]);
  }
});

const units = [1, 2, 3].map((shard) => ({ image: "debian-ab", target: "x86_64", suite: `s${shard}`, tests: ["a"], shard }));
const shardOf = (index: number) => ({ shard: { index, of: 3, units } });

test("a shard that left nothing is missed without being merged, and one that was killed before it planned", async () => {
  const suite = { ...aRecord().suite, name: "s1" };
  const one = await writeRun(path.join(folder, "one"), [aRecord({ suite, test: "a" })], aRun(shardOf(1)));
  const two = await writeRun(path.join(folder, "two"), [], aRun({ run: "two", finished: undefined, ...shardOf(2) }));
  expect(await decided([one, two])).toEqual({
    exitCode: 2,
    says: [
      "missing: debian-ab × x86_64, s3 › a: shard 3/3 left nothing",
      "missing: debian-ab × x86_64, s2 › a: planned, but the run did not finish",
    ],
  });
  const later = "2026-11-21T10:00:00.000Z";
  const rest = ["s2", "s3"].map((name) => aRecord({ run: "rest", suite: { ...suite, name }, test: "a", started: later }));
  const again = await writeRun(path.join(folder, "rest"), rest, aRun({ run: "rest", started: later }));
  expect(await decided([one, two, again])).toEqual({ exitCode: 0, says: [] });
});
