/* oxlint-disable vitest/expect-expect -- what a run is tried on, not what is tested */
import { expect, inject, test } from "vitest";
import { HarnessError } from "../../../model/errors.ts";

const attempt = inject("osbench").attempt ?? 1;

test("holds each time", () => {});

test("does not hold the first time", () => expect(attempt).toBe(2));

test("is starved the first time", () => {
  const diagnosis = { id: "rcu-stall", fault: "emulator", phase: "kernel", means: "the machine's timers stood still" } as const;
  if (attempt === 1) throw new HarnessError("OSB_BOOT_DEAD", "no timer came", { diagnosis });
});
