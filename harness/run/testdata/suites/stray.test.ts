/* oxlint-disable vitest/expect-expect -- what a run is tried on, not what is tested */
import { expect, test } from "vitest";

test("forgets to wait", () => {
  void Promise.resolve().then(() => expect(1).toBe(2));
});
