/* oxlint-disable vitest/expect-expect -- what a run is tried on, not what is tested */
import { expect, test } from "vitest";

test("holds", () => {});

test("does not hold", () => expect(1 + 1).toBe(3));

test("is broken", () => {
  throw new TypeError("no such thing");
});

// oxlint-disable-next-line vitest/no-disabled-tests -- on purpose
test.skip("is left out", () => {});

for (const n of [1, 2]) test(`was made in a loop ${n}`, () => {});

test("same name", () => {});
test("same name", () => expect(true).toBe(false));
