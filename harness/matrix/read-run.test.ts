import { spawnSync } from "node:child_process";
import { appendFileSync, readFileSync, truncateSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, expect, test } from "vitest";
import { temporaryFolder } from "../model/testdata/temporary.ts";
import { aRecord, aRun, writeRun } from "./fixtures/small-run.ts";
import { readAll } from "./fixtures/read-all.ts";
import { runFoldersIn } from "./read-run.ts";

let folder = "";
beforeEach(() => void (folder = path.join(temporaryFolder(), "one")));

test("reads records and provenance", async () => {
  await writeRun(folder, [aRecord(), aRecord({ test: "survives a pulled plug" })], aRun());
  const run = await readAll(folder);
  expect(run.records.map((record) => record.test)).toEqual(["reaches ready", "survives a pulled plug"]);
  expect(run.provenance?.host.cores).toBe(2);
  expect(run.damage).toEqual([]);
});

test("a last line without its newline is a record when it is whole", async () => {
  await writeRun(folder, [aRecord(), JSON.stringify(aRecord({ test: "last" }))], aRun());
  const run = await readAll(folder);
  expect(run.records).toHaveLength(2);
  expect(run.damage).toEqual([]);
});

test("a line cut short is reported with its number and what is kept", async () => {
  await writeRun(folder, [aRecord(), aRecord({ test: "second" }), JSON.stringify(aRecord({ test: "third" })).slice(0, 90)], aRun());
  const run = await readAll(folder);
  expect(run.records).toHaveLength(2);
  expect(run.damage).toMatchObject([
    { file: "records.jsonl", line: 3, what: expect.stringContaining("cut short"), kept: "the 2 other records" },
  ]);
});

test("damage in the middle does not hide what follows", async () => {
  await writeRun(folder, [aRecord(), "\0\0\0\0\n", '{"schema":1,"run":"one"}\n', aRecord({ test: "after" })], aRun());
  const run = await readAll(folder);
  expect(run.records.map((record) => record.test)).toEqual(["reaches ready", "after"]);
  expect(run.damage).toMatchObject([
    { line: 2, what: "the line is not JSON" },
    { line: 3, what: expect.stringContaining("image: ") },
  ]);
});

test("a record whose start is no date is reported, not sorted at random", async () => {
  await writeRun(folder, [aRecord({ started: "yesterday" })], aRun());
  const run = await readAll(folder);
  expect(run.records).toEqual([]);
  expect(run.damage).toMatchObject([{ line: 1, what: expect.stringContaining('"yesterday" is no date') }]);
});

test("an unknown schema version stops everything, because skipping it could hide a failure", async () => {
  await writeRun(folder, [aRecord(), `${JSON.stringify({ ...aRecord(), schema: 7 })}\n`], aRun());
  await expect(readAll(folder)).rejects.toMatchObject({
    code: "OSB_RECORD_SCHEMA",
    message: expect.stringMatching(/records\.jsonl:2: schema version 7 is unknown; this osbench reads 1 and 2/),
  });
  await writeRun(folder, [aRecord()], undefined);
  await writeFile(path.join(folder, "run.json"), JSON.stringify({ ...aRun(), schema: 7 }));
  await expect(readAll(folder)).rejects.toThrow(/run\.json: schema version 7/);
});

test("without run.json, or with a damaged one, the records are kept and the loss is said", async () => {
  await writeRun(folder, [aRecord()], undefined);
  expect(await readAll(folder)).toMatchObject({
    run: "one",
    records: [{}],
    provenance: undefined,
    damage: [{ file: "run.json", what: "the file is missing" }],
  });
  await writeFile(path.join(folder, "run.json"), '{"schema":1,"run":');
  expect(await readAll(folder)).toMatchObject({ records: [{}], damage: [{ file: "run.json", what: "the file is not JSON" }] });
  await writeFile(path.join(folder, "run.json"), '{"schema":1,"run":"one"}');
  expect(await readAll(folder)).toMatchObject({ records: [{}], damage: [{ what: expect.stringContaining("started: ") }] });
});

test("a run killed before its first record still has its plan", async () => {
  await writeRun(folder, [], aRun());
  await rm(path.join(folder, "records.jsonl"));
  expect(await readAll(folder)).toMatchObject({ records: [], damage: [{ file: "records.jsonl", what: "the file is missing" }] });
});

test("records of another run are kept and said", async () => {
  await writeRun(folder, [aRecord({ run: "two" })], aRun());
  expect(await readAll(folder)).toMatchObject({
    run: "one",
    records: [{}],
    damage: [{ what: expect.stringContaining("run two, not one") }],
  });
});

test("what is no run directory is refused with what would be right", async () => {
  await expect(readAll(path.join(folder, "nowhere"))).rejects.toThrow(/nowhere: no run directory: there is no such folder/);
  await mkdir(path.join(folder, "empty"), { recursive: true });
  await expect(readAll(path.join(folder, "empty"))).rejects.toThrow(/neither records.jsonl nor run.json\n.*osbench run/);
  await writeFile(path.join(folder, "file"), "");
  await expect(readAll(path.join(folder, "file"))).rejects.toThrow(/it is a file/);
  await writeRun(path.join(folder, "a"), [], aRun());
  await expect(readAll(folder)).rejects.toThrow(/It holds run directories: .*one\/a/);
});

test("finds run directories and nothing else", async () => {
  await writeRun(path.join(folder, "b"), [], aRun());
  await writeRun(path.join(folder, "a"), [], undefined);
  await mkdir(path.join(folder, "matrix"));
  expect(await runFoldersIn(folder)).toEqual([path.join(folder, "a"), path.join(folder, "b")]);
  expect(await runFoldersIn(path.join(folder, "nowhere"))).toEqual([]);
});

test("a line of a gigabyte costs only itself, and little memory", { timeout: 60_000 }, async () => {
  await writeRun(folder, [aRecord(), aRecord({ test: "second" })], aRun());
  const file = path.join(folder, "records.jsonl");
  const size = readFileSync(file).length;
  truncateSync(file, size + 2 ** 30);
  appendFileSync(file, `\n${JSON.stringify(aRecord({ test: "third" }))}\n`);
  const program = `
    import { readAll } from ${JSON.stringify(path.join(import.meta.dirname, "fixtures/read-all.ts"))};
    const { records, damage } = await readAll(${JSON.stringify(folder)});
    console.log(JSON.stringify({ kept: records.length, damage: damage.map(({ line, what }) => [line, what]), mib: process.resourceUsage().maxRSS / 1024 }));`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8" });
  const { kept, damage, mib } = JSON.parse(stdout || JSON.stringify(stderr)) as { kept: number; damage: unknown; mib: number };
  expect({ kept, damage }).toEqual({
    kept: 3,
    damage: [[3, `the line has ${2 ** 30} bytes, more than the ${64 * 2 ** 20} a record may have`]],
  });
  expect(mib).toBeLessThan(400);
});
