import { expect, test } from "vitest";
import { Book } from "./book.ts";
import { exampleCombination, exampleRecord } from "./examples.ts";
import { distinct, misfit, Plan, type PlannedSuite } from "./plan.ts";
import type { Ledger, PlannedCell } from "./ledger.ts";

const suite = (name: string, tests: string[]): PlannedSuite => ({ file: `/s/${name}`, source: { name, digest: "1", file: name }, tests });
const { image, target } = exampleRecord();

test("plans every image x target x test", () => {
  const combinations = [exampleCombination("a"), exampleCombination("b")];
  const plan = new Plan(combinations, [suite("boot", ["boots"]), suite("pcr", ["measures", "explains"])]);
  expect(plan.cells).toHaveLength(6);
  expect(plan.cells).toContainEqual({ image: "b", target: "x86_64", suite: "pcr", test: "explains" });
});

test("a filter leaves the other tests out of the plan", () => {
  const plan = new Plan([exampleCombination()], [suite("boot", ["boots", "logs in"]), suite("pcr", ["measures"])], "log");
  expect(plan.cells.map((cell) => cell.test)).toEqual(["logs in"]);
});

test("an image does not fit a target of another architecture, and says so", () => {
  expect(misfit(exampleCombination("a", "x86_64"))).toBeUndefined();
  expect(misfit(exampleCombination("a", "riscv64"))).toBe("architecture: the image a exists for x86_64, the target riscv64 is riscv64");
});

test("two tests of one name stay two claims", () => {
  expect(distinct(["a", "b", "a", "a"])).toEqual(["a", "b", "a (2)", "a (3)"]);
});

test("what a loaded file holds replaces what was read from its text", () => {
  const combination = exampleCombination();
  const plan = new Plan([combination], [suite("loop", ["`boots ${n}`"])]);
  const book = new Book(plan, new Map([[combination.project, { image, target }]]));
  const calls: Record<string, readonly PlannedCell[]> = {};
  const ledger: Pick<Ledger, "plan" | "unplan"> = {
    plan: (cells) => void (calls["plan"] = cells),
    unplan: (cells) => void (calls["unplan"] = cells),
  };
  book.found(ledger, combination.project, "/s/loop", ["boots 1", "boots 2"]);
  expect(calls["unplan"]?.map((cell) => cell.test)).toEqual(["`boots ${n}`"]);
  expect(calls["plan"]?.map((cell) => cell.test)).toEqual(["boots 1", "boots 2"]);
  expect(book.cells(combination.project, "/s/loop")).toBe(calls["plan"]);
  expect(book.cells("another", "/s/loop")).toEqual([]);
});
