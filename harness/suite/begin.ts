import path from "node:path";
import { Bus } from "../machine/bus.ts";
import type { Machine } from "../machine/machine.ts";
import type { Cell } from "./cell.ts";
import type { SuiteTest } from "./load.ts";
import { Steps, type StepsOptions } from "./steps.ts";

/** Makes what runs a test's steps on a machine it was given. */
export function beginSteps(
  cell: Cell,
  machine: Machine,
): (test: SuiteTest, options: Omit<StepsOptions, "cell" | "machine" | "onStep">) => Steps {
  const name = path.basename(machine.evidenceFolder);
  const bus = new Bus(cell.context.bus, name, name);
  cell.defer(() => bus.close());
  return (test, options) => new Steps(test.steps, { ...options, cell, machine, onStep: (text) => bus.tell({ type: "step", text }) });
}
