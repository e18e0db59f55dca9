import { expect, test } from "vitest";
import { benchVerdict } from "./verdict.ts";

test("a boot without a loader and one that panics are called what they are, at once", async ({ signal }) => {
  const result = await benchVerdict({ only: ["empty-esp", "init-dies"], progress: () => {}, signal });
  expect(result.cases.filter(({ right }) => !right)).toEqual([]);
  expect(result).toMatchObject({ kinds: 2, right: 2 });
  expect(result.worstSeconds).toBeLessThan(2);
});
