import { beforeEach, afterEach, expect, test, vi } from "vitest";
import { temporaryFolder } from "../model/testdata/temporary.ts";
import { Expectations } from "./expected.ts";

beforeEach(() => void vi.stubEnv("XDG_CACHE_HOME", temporaryFolder()));
afterEach(() => void vi.unstubAllEnvs());

const load = () => Expectations.load("some/image", "x86_64", "tcg");

test("a phase nobody measured has its longest limit, of time and of silence", async () => {
  const expected = await load();
  expect(expected.median("kernel")).toBeUndefined();
  expect(expected.limit("kernel")).toBe(240_000);
  expect(expected.silence("kernel")).toBe(240_000);
});

test("what was learned is known to the next machine, and limits are generous multiples of it", async () => {
  const expected = await load();
  for (const seconds of [10, 60, 20]) await expected.learn({ kernel: seconds * 1000, userspace: 4000 }, { kernel: 30_000, userspace: 100 });
  const next = await load();
  expect(next.median("kernel")).toBe(20_000);
  expect(next.limit("kernel")).toBe(240_000);
  expect(next.silence("kernel")).toBe(240_000);
  expect(next.silence("userspace")).toBe(150_000);
});

test("the longest silence ever heard counts, not the usual one", async () => {
  const expected = await load();
  for (const seconds of [1, 40, 1, 1]) await expected.learn({}, { loader: seconds * 1000 });
  expect(expected.silence("loader")).toBe(320_000);
});

test("old samples are forgotten", async () => {
  const expected = await load();
  await expected.learn({}, { loader: 40_000 });
  for (let count = 0; count < 9; count++) await expected.learn({}, { loader: 1000 });
  expect((await load()).silence("loader")).toBe(90_000);
});

test("who has less patience is taken at his word, for time and for silence", async () => {
  await (await load()).learn({ kernel: 5000 }, { kernel: 1000, initrd: 9000 });
  const hasty = await Expectations.load("some/image", "x86_64", "tcg", { margin: 3, floorMs: 10_000 });
  expect([hasty.limit("kernel"), hasty.silence("kernel"), hasty.silence("initrd")]).toEqual([15_000, 10_000, 27_000]);
});
