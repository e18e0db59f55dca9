import { expect, test } from "vitest";
import type { CellRecord } from "../../harness/model/record.ts";
import { judge } from "./judge.ts";

const broken = { what: "w", claims: { boot: ["b"] } };

function cell(name: string, outcome: CellRecord["outcome"], more: Partial<CellRecord> = {}): CellRecord {
  return {
    schema: 2,
    run: "r",
    image: { name: "broken/x", version: "1", digest: "", form: "disk" },
    target: { name: "x86_64", kind: "emulated", arch: "x86_64", machine: "q35", accelerator: "tcg" },
    suite: { name: "boot", digest: "", file: "" },
    test: name,
    outcome,
    started: "",
    durationMs: 0,
    attempts: 1,
    machines: [],
    evidence: [],
    ...(outcome === "fail" && { failure: { message: `${name} is wrong\nmore`, details: {} } }),
    ...more,
  };
}
const unknown = { reason: `the machine's state is unknown after "b" failed` };
const judged = (...records: CellRecord[]) => judge("broken/x", broken, records);

test("an image is caught when exactly the named claim failed, and what follows it did not run", () => {
  const verdict = judged(cell("a", "pass"), cell("b", "fail"), cell("c", "not-run", unknown));
  expect(verdict).toEqual({
    image: "broken/x",
    what: "w",
    caught: true,
    failed: [{ suite: "boot", test: "b", said: "b is wrong" }],
    problems: [],
  });
});

test.each<[string, CellRecord[], RegExp]>([
  ["the named claim passes", [cell("b", "pass")], /^should have failed: boot › b: pass$/],
  ["the named claim does not apply", [cell("b", "not-applicable", { reason: "no TPM" })], /should have failed.*not-applicable, no TPM/],
  ["the named claim has no record", [cell("a", "pass")], /no record/],
  ["another claim fails as well", [cell("b", "fail"), cell("a", "fail")], /another claim failed: boot › a: a is wrong/],
  ["the harness breaks", [cell("b", "error")], /the harness broke: boot › b/],
  ["the harness breaks elsewhere", [cell("b", "fail"), cell("a", "error")], /the harness broke: boot › a/],
  [
    "a claim did not run for another reason",
    [cell("b", "fail"), cell("c", "not-run", { reason: "cut off" })],
    /did not run: boot › c: cut off/,
  ],
])("an image is not caught when %s", (_, records, problem) => {
  const verdict = judged(...records);
  expect(verdict.caught).toBe(false);
  expect(verdict.problems).toContainEqual(expect.stringMatching(problem));
});

test("records of other images and suites say nothing", () => {
  const other = cell("a", "fail", { image: { name: "broken/y", version: "1", digest: "", form: "disk" } });
  const elsewhere = cell("a", "fail", { suite: { name: "pcr", digest: "", file: "" } });
  expect(judged(cell("b", "fail"), other, elsewhere).caught).toBe(true);
});
