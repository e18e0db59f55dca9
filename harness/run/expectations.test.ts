import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { temporaryFolder } from "../model/testdata/temporary.ts";
import { exampleRecord } from "./examples.ts";
import { Expectations, median } from "./expectations.ts";

let folder: string;
beforeEach(() => void (folder = temporaryFolder()));

const cell = { image: "debian-ab", target: "x86_64", suite: "boot", test: "boots" };

test("learns the median of the last passes, and keeps it", async () => {
  const first = await Expectations.open(folder);
  expect(first.of(cell)).toBeUndefined();
  for (const durationMs of [900, 1, 1, 1, 1, 1000, 1100, 90_000, 1050, 1020]) first.learn(exampleRecord({ durationMs }));
  first.learn(exampleRecord({ durationMs: 5, outcome: "fail" }));
  await first.save();
  expect((await Expectations.open(folder)).of(cell)).toBe(1000);
});

test("what is unknown is likely to take what the same claim takes elsewhere, in this image first", async () => {
  const known = await Expectations.open(folder);
  const on = (image: string, target: string, durationMs: number) => {
    const { image: subject, target: place } = exampleRecord();
    known.learn(exampleRecord({ durationMs, image: { ...subject, name: image }, target: { ...place, name: target } }));
  };
  expect(known.likely(cell)).toBeUndefined();
  on("tiny", "x86_64", 10);
  on("tiny", "riscv64", 30);
  expect(known.likely(cell)).toBe(20);
  on("debian-ab", "aarch64", 1000);
  expect(known.likely(cell)).toBe(1000);
  expect(known.likely({ ...cell, test: "another" })).toBeUndefined();
});

test.each(["{", "[1]", '{"a": "b"}'])("a damaged file (%s) means that nothing is known yet", async (text) => {
  const fresh = await Expectations.open(folder);
  await fresh.save();
  const [name = ""] = readdirSync(join(folder, "durations"));
  mkdirSync(join(folder, "durations"), { recursive: true });
  writeFileSync(join(folder, "durations", name), text);
  expect((await Expectations.open(folder)).of(cell)).toBeUndefined();
});

test("median of none, odd and even counts", () => {
  expect([median([]), median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([undefined, 2, 2.5]);
});
