import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../model/testdata/temporary.ts";
import { cellKey } from "../cell.ts";
import { exampleCombination } from "../examples.ts";
import { Plan, type PlannedSuite } from "../plan.ts";
import { assign, type Part } from "./assign.ts";
import { shareOf } from "./share.ts";

const suite = (name: string, count: number): PlannedSuite => ({
  file: `/s/${name}`,
  source: { name, digest: "1", file: name },
  tests: Array.from({ length: count }, (_, index) => `claim ${index}`),
});
const part = (image: string, name: string, ms: number): Part => ({ combination: exampleCombination(image), suite: suite(name, 1), ms });
const plan = (suites = [suite("boot", 9), suite("pcr", 7), suite("update", 6), suite("rollback", 2)]) =>
  new Plan([exampleCombination("a"), exampleCombination("b"), exampleCombination("c", "riscv64")], suites);

test.each([1, 2, 3, 5, 40])("every cell is in exactly one of %i shards, also those that do not apply", async (of) => {
  const all = plan();
  const shares = await Promise.all(Array.from({ length: of }, (_, index) => shareOf(all, { index: index + 1, of })));
  const cells = shares.flatMap((share) => share.plan.cells.map(cellKey));
  expect(cells.sort()).toEqual(all.cells.map(cellKey).sort());
  // Each says what the others do, and all say the same.
  for (const { facts } of shares) expect(facts?.units).toEqual(shares[0]?.facts?.units);
  expect(shares[0]?.facts?.units).toHaveLength(12);
});

test("a shard builds no image it has nothing to do with", async () => {
  const { plan: share } = await shareOf(plan(), { index: 40, of: 40 });
  expect([share.combinations, share.cells]).toEqual([[], []]);
});

test("parts are balanced by how long they take, whatever order they are named in", () => {
  const parts = [part("a", "long", 100), part("a", "x", 40), part("b", "x", 35), part("b", "y", 30), part("a", "z", 1)];
  const shardsOf = (named: readonly Part[]) => {
    const assigned = assign(named, 2);
    return parts.map((one) => assigned.get(one));
  };
  expect(shardsOf(parts)).toEqual([1, 2, 2, 2, 1]);
  expect(shardsOf([...parts].reverse())).toEqual(shardsOf(parts));
});

test("a thousand random matrices are divided so that no shard has more than the longest suite above the mean", () => {
  let state = 1;
  const next = () => (state = (state * 48271) % 2147483647) / 2147483647;
  for (let round = 0; round < 1000; round++) {
    const of = 1 + Math.floor(next() * 6);
    const parts = Array.from({ length: 1 + Math.floor(next() * 30) }, (_, index) => part("a", `s${index}`, Math.floor(next() * 1000)));
    const assigned = assign(parts, of);
    const loads = Array.from({ length: of }, () => 0);
    for (const [one, shard] of assigned) loads[shard - 1] = (loads[shard - 1] as number) + one.ms;
    const mean = parts.reduce((sum, { ms }) => sum + ms, 0) / of;
    expect(Math.max(...loads)).toBeLessThanOrEqual(mean + Math.max(...parts.map(({ ms }) => ms)));
  }
});

test("durations come from the file all shards are given; another file divides otherwise", async () => {
  const folder = temporaryFolder();
  const file = join(folder, "durations.json");
  const key = (image: string, name: string, claim: number) => `${image} · x86_64 · ${name} · claim ${claim}`;
  // Two claims that take longer than all others together.
  writeFileSync(file, JSON.stringify({ [key("a", "rollback", 0)]: [1e9], [key("b", "rollback", 0)]: [1e9] }));
  const sharesOf = async (durations?: string) => (await shareOf(plan(), { index: 1, of: 3, durations })).facts?.units ?? [];
  const weighed = await sharesOf(file);
  const shardsOfRollback = weighed.filter((unit) => unit.suite === "rollback" && unit.image !== "c").map((unit) => unit.shard);
  expect(new Set(shardsOfRollback).size).toBe(2);
  expect(weighed.filter((unit) => shardsOfRollback.includes(unit.shard) && unit.image !== "c")).toHaveLength(2);
  expect(await sharesOf()).not.toEqual(weighed);
  writeFileSync(file, "[]");
  await expect(sharesOf(file)).rejects.toThrow(/durations\.json: holds no durations/);
  await expect(sharesOf(join(folder, "none"))).rejects.toThrow(/--durations: .*none cannot be read/);
});
