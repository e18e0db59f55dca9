/* oxlint-disable vitest/expect-expect -- what a run is tried on, not what is tested */
import { test } from "vitest";
// @ts-expect-error: what it imports does not exist, which shows only when it is loaded.
import "./nowhere.ts";

test("cannot be tried", () => {});
