import { cp, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { createHash } from "node:crypto";
import path from "node:path";
import { beforeEach, expect, test } from "vitest";
import { temporaryFolder } from "../../model/testdata/temporary.ts";
import { matrixDocument } from "../document.ts";
import { aRecord, aRun, writeRun } from "../fixtures/small-run.ts";
import { publishMatrix } from "../publish.ts";

let out = "";
beforeEach(() => void (out = temporaryFolder()));

const planned = (test: string) => ({ image: "debian-ab", target: "x86_64", suite: "boot", test });
const matrixOf = async (...folders: string[]) =>
  matrixDocument.parse(JSON.parse(await readFile((await publishMatrix(folders, path.join(out, "matrix"))).json, "utf8")));
const at = (hour: number) => `2026-11-20T${String(hour).padStart(2, "0")}:00:00.000Z`;

test("the newest record of a cell wins, whatever the order the runs are given in; the older ones are its history", async () => {
  const one = await writeRun(path.join(out, "z"), [aRecord({ attempts: 2, durationMs: 7 })], aRun());
  const failed = aRecord({ run: "two", outcome: "fail", started: at(12), failure: { message: "no\nmore" } });
  const two = await writeRun(path.join(out, "a"), [failed], aRun({ run: "two", started: at(11) }));
  const matrix = await matrixOf(one, two);
  expect(matrix.cells).toMatchObject([
    { run: "two", outcome: "fail", history: [{ run: "one", outcome: "pass", attempts: 2, durationMs: 7 }] },
  ]);
  expect(matrix.counts).toEqual({ pass: 0, fail: 1, error: 0, "not-applicable": 0, "not-run": 0 });
  expect(await matrixOf(two, one)).toEqual(matrix);
});

test("of two records at one instant the one written later wins", async () => {
  const one = await writeRun(path.join(out, "one"), [aRecord(), aRecord({ outcome: "error" })], aRun());
  expect((await matrixOf(one)).cells).toMatchObject([{ outcome: "error", history: [{ outcome: "pass" }] }]);
});

test("a planned cell without a record did not run", async () => {
  const one = await writeRun(path.join(out, "one"), [aRecord()], aRun({ planned: [planned("reaches ready"), planned("never came")] }));
  expect((await matrixOf(one)).cells).toMatchObject([
    { test: "reaches ready", outcome: "pass" },
    { test: "never came", outcome: "not-run", reason: "planned, but the run finished without a record of it" },
  ]);
});

test("an older pass does not stand in for what a newer, killed run did not get to", async () => {
  const one = await writeRun(path.join(out, "one"), [aRecord()], aRun());
  const { finished: _finished, ...killed } = aRun({ run: "two", started: at(11), planned: [planned("reaches ready")] });
  const two = await writeRun(path.join(out, "two"), [], killed);
  expect((await matrixOf(one, two)).cells).toMatchObject([
    { outcome: "not-run", run: "two", reason: "planned, but the run did not finish", history: [{ outcome: "pass", run: "one" }] },
  ]);
});

test("a pass of an older image or suite is marked", async () => {
  const old = [aRecord(), aRecord({ test: "survives a pulled plug" })];
  const one = await writeRun(path.join(out, "one"), old, aRun());
  const image = { name: "debian-ab", version: "2", digest: "sha256:cc", form: "disk" };
  const suite = { name: "boot", digest: "sha256:dd", file: "suites/boot/boot.suite.yaml" };
  const two = await writeRun(
    path.join(out, "two"),
    [aRecord({ run: "two", started: at(12), image, suite })],
    aRun({ run: "two", started: at(11) }),
  );
  const matrix = await matrixOf(one, two);
  expect(matrix.columns).toMatchObject([{ image: "debian-ab", version: "2", digest: "sha256:cc" }]);
  expect(matrix.outdated).toBe(1);
  expect(matrix.cells).toMatchObject([
    { test: "reaches ready", outdated: [] },
    { test: "survives a pulled plug", outdated: ["version 1 was tested, the newest is 2", "an older revision of the suite was run"] },
  ]);
});

test("a new build of the same version also makes older results old", async () => {
  const image = { name: "debian-ab", version: "1", digest: "sha256:cc", form: "disk" };
  const one = await writeRun(path.join(out, "one"), [aRecord(), aRecord({ test: "other", image, started: at(12) })], aRun());
  expect((await matrixOf(one)).cells).toMatchObject([{ outdated: ["an older build of this version was tested"] }, { outdated: [] }]);
});

test("an image that could not be built makes nothing old: its record has no digest", async () => {
  const unbuilt = { name: "debian-ab", version: "1", digest: "", form: "disk" };
  const error = aRecord({ run: "two", image: unbuilt, outcome: "error", started: at(12), failure: { message: "mkosi failed" } });
  const one = await writeRun(path.join(out, "one"), [aRecord(), aRecord({ test: "other" })], aRun());
  const two = await writeRun(path.join(out, "two"), [error], aRun({ run: "two", started: at(11) }));
  const matrix = await matrixOf(one, two);
  expect(matrix.columns).toMatchObject([{ version: "1", digest: "sha256:aa", environment: { accelerator: "tcg" } }]);
  expect(matrix.outdated).toBe(0);
});

test("a run given twice, linked or copied counts once, also when the copy was cut short", async () => {
  const one = await writeRun(
    path.join(out, "one"),
    [aRecord(), aRecord({ test: "other" })],
    aRun({ planned: [planned("reaches ready"), planned("other")] }),
  );
  await symlink(one, path.join(out, "link"));
  await cp(one, path.join(out, "copy"), { recursive: true });
  const cut = await writeRun(path.join(out, "cut"), [aRecord()], aRun({ planned: [planned("reaches ready"), planned("other")] }));
  const matrix = await matrixOf(one, `${one}/`, path.join(out, "link"), path.join(out, "copy"), cut);
  expect(matrix.runs).toHaveLength(1);
  expect(matrix.cells).toMatchObject([
    { outcome: "pass", history: [] },
    { outcome: "pass", history: [] },
  ]);
  expect(matrix.problems).toEqual([]);
});

test("two runs under one name are both read, and it is said", async () => {
  const one = await writeRun(path.join(out, "one"), [aRecord()], aRun());
  const other = await writeRun(path.join(out, "other"), [aRecord({ test: "other" })], aRun());
  const matrix = await matrixOf(one, other);
  expect(matrix.cells).toHaveLength(2);
  expect(matrix.problems).toMatchObject([{ at: "other/run.json", what: expect.stringContaining("is also run one") }]);
});

test("tests stand in the order of the fullest plan, not in the order they finished", async () => {
  const names = ["c", "a", "b"];
  const records = ["b", "a", "c"].map((name) => aRecord({ test: name }));
  const one = await writeRun(path.join(out, "one"), records, aRun({ planned: names.map(planned) }));
  const two = await writeRun(
    path.join(out, "two"),
    [aRecord({ run: "two", test: "b", started: at(12) })],
    aRun({ run: "two", started: at(11), planned: [planned("b")] }),
  );
  expect((await matrixOf(one, two)).suites).toMatchObject([{ suite: "boot", tests: names }]);
});

test("evidence is linked when it is what was recorded, and explained when not", async () => {
  const content = "journal";
  const entry = (file: string, bytes = content.length) => ({
    name: file,
    path: file,
    sha256: createHash("sha256").update(content).digest("hex"),
    bytes,
  });
  const evidence = [
    entry("evidence/a b#1/journal.txt"),
    entry("evidence/gone.txt"),
    entry("evidence/a b#1/journal.txt", 3),
    entry("../secret"),
    entry("evidence/out"),
  ];
  const one = await writeRun(path.join(out, "one"), [aRecord({ evidence })], aRun());
  await mkdir(path.join(one, "evidence/a b#1"), { recursive: true });
  await writeFile(path.join(one, "evidence/a b#1/journal.txt"), content);
  await writeFile(path.join(out, "secret"), content);
  await symlink(path.join(out, "secret"), path.join(one, "evidence/out"));
  const [cell] = (await matrixOf(one)).cells;
  expect(cell?.evidence.map(({ href, problem }) => href ?? problem)).toEqual([
    "../one/evidence/a%20b%231/journal.txt",
    "the file is missing",
    "the file has 7 bytes, not the 3 that were recorded",
    "the path leaves the run directory",
    "the path leaves the run directory",
  ]);
});
