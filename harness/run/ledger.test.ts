import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { temporaryFolder } from "../model/testdata/temporary.ts";
import { exampleRecord } from "./examples.ts";
import { Ledger, type PlannedCell } from "./ledger.ts";

let folder: string;
beforeEach(() => void (folder = temporaryFolder()));

const { image, target, suite } = exampleRecord();
const cell = (name: string): PlannedCell => ({ subject: { image, target }, suite, test: name });
const written = () =>
  readFileSync(join(folder, "records.jsonl"), "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { test: string; outcome: string; reason?: string });

test("a planned cell without a record is recorded as not run, with the reason", () => {
  const ledger = new Ledger("r", folder);
  ledger.plan([cell("one"), cell("two"), cell("three")]);
  ledger.settle(cell("two"), { outcome: "pass" });
  ledger.finish("the run was interrupted by Ctrl-C");
  expect(written()).toMatchObject([
    { test: "two", outcome: "pass" },
    { test: "one", outcome: "not-run", reason: "the run was interrupted by Ctrl-C" },
    { test: "three", outcome: "not-run" },
  ]);
});

test("a cell has one record: the first verdict is on disk and stands", () => {
  const ledger = new Ledger("r", folder);
  ledger.plan([cell("one")]);
  ledger.settle(cell("one"), { outcome: "fail" });
  ledger.settle(cell("one"), { outcome: "pass" });
  ledger.finish("");
  expect(written()).toMatchObject([{ outcome: "fail" }]);
});

test("a further attempt is recorded beside the first and counts, but never washes a failure clean", () => {
  const ledger = new Ledger("r", folder);
  const cells = ["one", "two", "three", "four"].map(cell);
  const [one, two, three, four] = cells as [PlannedCell, PlannedCell, PlannedCell, PlannedCell];
  ledger.plan(cells);
  ledger.settle(one, { outcome: "error" });
  ledger.settle(two, { outcome: "fail" });
  ledger.settle(three, { outcome: "pass" });
  ledger.settle(four, { outcome: "not-run", reason: "of the error" });
  ledger.reopen(cells);
  ledger.settle(one, { outcome: "pass" });
  ledger.settle(two, { outcome: "pass" });
  ledger.settle(three, { outcome: "fail" });
  ledger.finish("never reached");
  expect(ledger.records.map(({ outcome, attempts }) => [outcome, attempts])).toEqual([
    ["pass", 2],
    ["fail", 1],
    ["fail", 2],
    ["not-run", 1],
  ]);
  expect(written().map(({ outcome }) => outcome)).toEqual(["error", "fail", "pass", "not-run", "pass", "fail"]);
});

test("a cell that nobody planned is recorded and counted all the same", () => {
  const ledger = new Ledger("r", folder);
  ledger.settle(cell("surprise"), { outcome: "pass" });
  expect(ledger.planned).toHaveLength(1);
});

test("cells that turned out not to exist are taken back, recorded ones are not", () => {
  const ledger = new Ledger("r", folder);
  ledger.plan([cell("one"), cell("two")]);
  ledger.settle(cell("one"), { outcome: "pass" });
  ledger.unplan([cell("one"), cell("two")]);
  expect(ledger.planned.map(({ test: name }) => name)).toEqual(["one"]);
});
