import { expect, test } from "vitest";
import type { Preview } from "../schedule/preview.ts";
import { planWords } from "./plan.ts";

const unit = {
  image: "debian-ab",
  target: "x86_64",
  suite: "update",
  tests: ["a", "b"],
  memoryMiB: 1024,
  slot: 1,
  fromMs: 0,
  expectedMs: 600_000,
  timed: 2,
};
const preview: Preview = {
  cells: 4,
  guessed: 1,
  machines: 2,
  reason: "2 cores",
  expectedMs: 600_000,
  lowerBoundMs: 600_000,
  units: [unit, { ...unit, image: "tiny", suite: "boot", tests: ["c"], memoryMiB: 256, slot: 2, expectedMs: 45_000, timed: 0 }],
  notApplicable: [{ image: "tiny", target: "riscv64", reason: "architecture: x86_64 only" }],
};

test("the plan says what runs where, when and how long, what is a guess, and what bounds it", () => {
  expect(planWords(preview, (_, text) => text).split("\n")).toEqual([
    "place  start  takes       memory    where               suite",
    "1      00:00  10 min 0 s  1024 MiB  debian-ab × x86_64  update  2 claims",
    "2      00:00  ~45.0 s     256 MiB   tiny × x86_64       boot    1 claim",
    "not applicable: tiny × riscv64: architecture: x86_64 only",
    "4 cells, 2 machines at a time: 2 cores",
    "about 10 min 0 s, 1 of them never timed here; no order takes less than 10 min 0 s (the longest suite)",
  ]);
});

test("a shard with nothing to do says so", () => {
  const none = {
    ...preview,
    shard: { index: 3, of: 3 },
    cells: 0,
    guessed: 0,
    units: [],
    notApplicable: [],
    expectedMs: 0,
    lowerBoundMs: 0,
  };
  expect(planWords(none, (_, text) => text)).toBe("shard 3 of 3: nothing to do");
});
