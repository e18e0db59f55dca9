import path from "node:path";
import { Bus } from "../machine/bus.ts";
import { NotApplicable } from "../model/errors.ts";
import type { Cell } from "./cell.ts";
import { test as machineTest } from "./fixture.ts";
import type { Suite } from "./load.ts";
import { askedOfMachine, requireFromManifests } from "./requirements.ts";
import type { SharedMachine } from "./shared-machine.ts";
import { Steps } from "./steps.ts";

/** Far above what the verbs' own deadlines add up to: when vitest has to end a test, the harness has failed. */
const harnessTimeoutMs = 4 * 3_600_000;

/** What a module compiled from YAML talks to: registers its claims as vitest tests. */
export interface SuiteModule {
  test(name: string, body: (steps: Steps) => Promise<void>): void;
}

/** Begins a compiled suite. On a shared machine a test runs only when all before it have passed, or were ruled out before they touched it. */
export function defineSuite(suite: Omit<Suite, "text">): SuiteModule {
  const settled = new Set<number>();
  return {
    test(name, body) {
      const index = suite.tests.findIndex((candidate) => candidate.name === name);
      const { requires } = suite.tests[index]!;
      const needed = [...new Set([...suite.requires, ...requires])];
      const meta = { osbench: { suite: suite.name, suiteDigest: suite.digest, outcome: "not-run" as const, machines: [] } };
      const options = { timeout: harnessTimeoutMs, concurrent: false, meta, ...(suite.machine === "shared" && { retry: 0 }) };
      machineTest(name, options, async ({ cell, shared, skip, onTestFinished }) => {
        await rulingOut(settled, index, async () => requireFromManifests(cell.context, needed, (one) => cell.found(one)));
        if (suite.machine === "shared") {
          const gap = suite.tests.slice(0, index).find((_, earlier) => !settled.has(earlier));
          const reason = shared.broken ?? (gap && `it builds on "${gap.name}", which did not run`);
          if (reason !== undefined) skip(reason);
          // Until the last step has passed, nobody knows what state this test leaves the machine in.
          onTestFinished(({ task }) => {
            if (!settled.has(index)) shared.distrust(name, task.meta.osbench?.outcome === "fail" ? "failed" : "did not pass");
          });
        }
        const steps = await begin(cell, suite, index, suite.machine === "shared" ? shared : undefined);
        if (askedOfMachine(needed).length > 0) await rulingOut(settled, index, () => steps.require(needed));
        await rulingOut(settled, index, () => body(steps), steps);
        settled.add(index);
      });
    },
  };
}

/** A test that proves not applicable before any step has passed leaves the machine as it was. */
async function rulingOut(settled: Set<number>, index: number, judge: () => Promise<void>, steps?: Steps): Promise<void> {
  try {
    await judge();
  } catch (error) {
    if (error instanceof NotApplicable && (steps?.done ?? 0) === 0) settled.add(index);
    throw error;
  }
}

async function begin(cell: Cell, suite: Omit<Suite, "text">, index: number, shared: SharedMachine | undefined): Promise<Steps> {
  const machine = shared ? await shared.enter(cell, suite.name, suite.tests[0]!.start) : await cell.open(suite.tests[index]!.start);
  const name = path.basename(machine.evidenceFolder);
  const bus = new Bus(cell.context.bus, name, name);
  cell.defer(() => bus.close());
  return new Steps(suite.tests[index]!.steps, {
    cell,
    machine,
    booted: suite.tests[shared ? 0 : index]!.start === "booted",
    memory: shared?.memory ?? new Map<string, unknown>(),
    defer: (release) => (shared ?? cell).defer(release),
    onStep: (text) => bus.tell({ type: "step", text }),
  });
}
