import { expect, test } from "vitest";
import { exampleCombination, exampleRecord } from "../examples.ts";
import { Plan, type PlannedSuite } from "../plan.ts";
import { estimator } from "./estimate.ts";
import { Progress } from "./progress.ts";
import { jobOf, unitsOf } from "./unit.ts";
import { Workload } from "./workload.ts";

const suite = (name: string, tests: string[]): PlannedSuite => ({ file: `/s/${name}`, source: { name, digest: "1", file: name }, tests });
const known: Readonly<Record<string, number>> = { boots: 60_000, "logs in": 1000, measures: 30_000 };
const unplanned = { combinations: [], suitesOf: () => [] };
const estimate = estimator({ of: ({ test: name }) => known[name], likely: () => undefined }, unplanned);
const room = { machines: 2, cores: 2, memoryMiB: 10_000 };

function example() {
  const plan = new Plan(
    [exampleCombination()],
    [suite("boot", ["boots", "logs in"]), suite("pcr", ["measures"]), suite("new", ["unheard of"])],
  );
  return unitsOf(plan, estimate, () => "tcg");
}

test("units are whole suites, with what they should take and how much of that is known", () => {
  expect(example().map(({ ms, timed, memoryMiB }) => ({ ms, timed, memoryMiB }))).toEqual([
    { ms: 61_000, timed: 2, memoryMiB: 1324 },
    { ms: 30_000, timed: 1, memoryMiB: 1324 },
    { ms: 45_000, timed: 0, memoryMiB: 1324 },
  ]);
});

test("what never ran here is guessed from the same claim elsewhere", () => {
  const likely = estimator({ of: () => undefined, likely: () => 7 }, unplanned);
  expect(likely({ image: "a", target: "b", suite: "c", test: "d" })).toEqual({ ms: 7, timed: false });
});

test("an image that does not fit a target is no work", () => {
  const plan = new Plan([exampleCombination("a", "riscv64")], [suite("boot", ["boots"])]);
  expect(unitsOf(plan, estimate, () => "tcg")).toEqual([]);
});

test("remaining time follows what starts, what settles and what runs late", () => {
  const units = example();
  const progress = new Progress(units, room, estimate);
  const cell = (index: number, test: number) => units[index]!.cells[test]!;
  // Two at a time: 61 s beside 45 s, then 30 s.
  expect(progress.remaining(0)).toBe(75_000);
  progress.started(jobOf(units[0]!), 0);
  progress.started(jobOf(units[2]!), 0);
  expect(progress.remaining(10_000)).toBe(65_000);
  progress.settled(cell(0, 0), 20_000);
  // 1 s of the first is left; the third has 25 s to go, and the second starts after the first.
  expect(progress.remaining(20_000)).toBe(31_000);
  progress.settled(cell(0, 1), 21_000);
  progress.ended(jobOf(units[0]!));
  progress.started(jobOf(units[1]!), 21_000);
  // The third is long overdue: it may end at any moment.
  expect(progress.remaining(49_000)).toBe(2000);
  progress.settled(cell(2, 0), 50_000);
  progress.ended(jobOf(units[2]!));
  progress.settled(cell(1, 0), 52_000);
  progress.ended(jobOf(units[1]!));
  expect(progress.remaining(52_000)).toBe(0);
  // Tried once more: all of it is to be done again.
  progress.started(jobOf(units[1]!), 60_000);
  expect(progress.remaining(60_000)).toBe(30_000);
});

test("the lower bound of a run comes from its records, every attempt counted", () => {
  const workload = new Workload();
  workload.add(exampleRecord({ durationMs: 6000 }));
  workload.add(exampleRecord({ durationMs: 4000, attempts: 2 }));
  workload.add(exampleRecord({ durationMs: 2000, suite: { name: "pcr", digest: "", file: "" } }));
  const of = (machines: number) => ({ ...room, machines });
  expect(workload.timing(11_500, of(2))).toEqual({ machines: 2, wallSeconds: 11.5, lowerBoundSeconds: 10, ratio: 1.15 });
  expect(workload.timing(24_000, of(1))).toMatchObject({ lowerBoundSeconds: 12, ratio: 2 });
  expect(new Workload().timing(1, room).ratio).toBeUndefined();
});

test("machines that take half a core each are not reckoned with for those that take a whole one", () => {
  const workload = new Workload();
  const cell = (name: string, accelerator: "tcg" | "native") => {
    const record = exampleRecord({ durationMs: 6000, suite: { name, digest: "", file: "" } });
    workload.add({ ...record, target: { ...record.target, accelerator } });
  };
  for (const name of ["a", "b", "c"]) cell(name, "tcg");
  cell("d", "native");
  // Four at once would take 6 s; but two cores have 3 x 6 s + 6 s / 2 to do.
  expect(workload.timing(12_000, { ...room, machines: 4 }).lowerBoundSeconds).toBe(10.5);
});
