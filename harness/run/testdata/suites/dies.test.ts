/* oxlint-disable vitest/expect-expect -- what a run is tried on, not what is tested */
import { test } from "vitest";

test("is fine before", () => {});

test("kills its worker", async () => {
  // What came before has reached the run by then; a machine's tests take far longer than this.
  await new Promise((resolve) => setTimeout(resolve, 500));
  process.kill(process.pid, "SIGKILL");
  await new Promise(() => {});
});

test("never comes", () => {});
