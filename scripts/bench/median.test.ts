import { expect, test } from "vitest";
import { median, quantile } from "./median.ts";

test("of twenty, one is above the 95th percentile and ten below the median", () => {
  const twenty = Array.from({ length: 20 }, (_, index) => 20 - index);
  expect([quantile(twenty, 0.95), median(twenty)]).toEqual([19, 11]);
  expect([quantile([7], 0.95), quantile([], 0.95), median([])]).toEqual([7, Number.NaN, Number.NaN]);
});
