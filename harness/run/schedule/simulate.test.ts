import { expect, test } from "vitest";
import recorded from "./testdata/recorded.json" with { type: "json" };
import type { Room } from "./room.ts";
import { endOf, longestFirst, lowerBound, simulate, type Job } from "./simulate.ts";

const room = (machines: number): Room => ({ machines, cores: machines, memoryMiB: 1e6 });
const job = (ms: number, memoryMiB = 1): Job => ({ ms, memoryMiB, cores: 1 });

/** The same numbers on every run (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const durations = Object.values(recorded);

/** A matrix of suites that were really run, on a host of one to eight machines. */
function workload(seed: number): { jobs: Job[]; machines: number } {
  const next = random(seed);
  const machines = 1 + Math.floor(next() * 8);
  const count = machines * (1 + Math.floor(next() * 12));
  const pick = () => durations[Math.floor(next() * durations.length)] as number;
  return { machines, jobs: Array.from({ length: count }, () => job(pick() * (0.7 + next() * 0.6))) };
}

const ratios = (run: (jobs: readonly Job[], machines: number, seed: number) => number) =>
  Array.from({ length: 1000 }, (_, seed) => {
    const { jobs, machines } = workload(seed);
    return run(jobs, machines, seed) / lowerBound(jobs, room(machines));
  }).sort((a, b) => a - b);
const quantile = (sorted: readonly number[], part: number) => sorted[Math.floor((sorted.length - 1) * part)] as number;

test("a thousand matrices of recorded durations end close to the lower bound, and none beyond Graham's bound", () => {
  const found = ratios((jobs, machines) => endOf(simulate(jobs, room(machines))));
  expect(quantile(found, 0.5)).toBeLessThan(1.03);
  expect(quantile(found, 0.9)).toBeLessThan(1.15);
  expect(quantile(found, 0)).toBeGreaterThan(1 - 1e-9);
  for (let seed = 0; seed < 1000; seed++) {
    const { jobs, machines } = workload(seed);
    const longest = Math.max(...jobs.map(({ ms }) => ms));
    const work = jobs.reduce((sum, { ms }) => sum + ms, 0);
    expect(endOf(simulate(jobs, room(machines)))).toBeLessThanOrEqual(work / machines + longest * (1 - 1 / machines) + 1e-6);
  }
});

test("the order in which suites are named does worse", () => {
  const asNamed = ratios((jobs, machines) => {
    const free = Array.from({ length: machines }, () => 0);
    for (const { ms } of jobs) free[free.indexOf(Math.min(...free))] = Math.min(...free) + ms;
    return Math.max(...free);
  });
  const longest = ratios((jobs, machines) => endOf(simulate(jobs, room(machines))));
  expect(quantile(asNamed, 0.5)).toBeGreaterThan(quantile(longest, 0.5) + 0.05);
});

test("durations that turn out up to half wrong cost little: a place that gets free early is used", () => {
  const found = ratios((jobs, machines, seed) => {
    const next = random(seed + 5000);
    // Lined up by what was expected, ending by what is true.
    const line = jobs.map(({ ms }) => ({ expected: ms * (0.5 + next()), ms })).sort((a, b) => b.expected - a.expected);
    const free = Array.from({ length: machines }, () => 0);
    for (const { ms } of line) free[free.indexOf(Math.min(...free))] = Math.min(...free) + ms;
    return Math.max(...free);
  });
  expect(quantile(found, 0.5)).toBeLessThan(1.08);
});

test("each runs once, none beside more than the room holds, in memory and in number", () => {
  for (let seed = 0; seed < 200; seed++) {
    const next = random(seed);
    const { jobs, machines } = workload(seed);
    const sized = jobs.map(({ ms }) => job(ms, 256 * (1 + Math.floor(next() * 8))));
    const memoryMiB = 2048 + Math.floor(next() * 4096);
    const placed = simulate(sized, { ...room(machines), memoryMiB });
    expect(new Set(placed.map((one) => one.job)).size).toBe(sized.length);
    for (const { from } of placed) {
      const beside = placed.filter((other) => other.from <= from && other.to > from);
      expect(beside.length).toBeLessThanOrEqual(machines);
      expect(beside.reduce((sum, one) => sum + one.job.memoryMiB, 0)).toBeLessThanOrEqual(memoryMiB);
      expect(new Set(beside.map(({ slot }) => slot)).size).toBe(beside.length);
    }
  }
});

test("a big machine lets small ones pass only while it does not fit", () => {
  const [big, first, small] = [job(5, 900), job(9, 600), job(4, 100)];
  const placed = simulate([big, first, small], { machines: 2, cores: 2, memoryMiB: 1000 });
  expect(placed.map(({ job: one, from }) => [one, from])).toEqual([
    [first, 0],
    [small, 0],
    [big, 9],
  ]);
});

test("what runs already keeps its place until it ends", () => {
  const placed = simulate([job(10)], room(1), [job(3)]);
  expect(endOf(placed)).toBe(13);
  expect(endOf([])).toBe(0);
});

test("the longest is first, and equal ones keep their order", () => {
  const [a, b, c] = [job(1), job(2), job(1, 2)];
  expect(longestFirst([a, b, c])).toEqual([b, a, c]);
});
