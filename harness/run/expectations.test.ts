import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { temporaryFolder } from "../model/testdata/temporary.ts";
import { exampleRecord } from "./examples.ts";
import { Expectations, keyOf, median } from "./expectations.ts";

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

test("what did not apply will not apply again, and takes no time", async () => {
  const known = await Expectations.open(folder);
  known.learn(exampleRecord({ durationMs: 3, outcome: "not-applicable" }));
  known.learn(exampleRecord({ durationMs: 9, outcome: "error" }));
  expect(known.of(cell)).toBe(3);
});

test("what is known of some cells goes to other hosts as a file", async () => {
  const known = await Expectations.open(folder);
  known.learn(exampleRecord({ durationMs: 9 }));
  known.learn(exampleRecord({ durationMs: 7, test: "another" }));
  const file = join(folder, "some.json");
  await known.saveTo(file, (key) => key === keyOf(cell));
  const read = await Expectations.read(file, "--durations");
  expect([read.of(cell), read.of({ ...cell, test: "another" })]).toEqual([9, undefined]);
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
