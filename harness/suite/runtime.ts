import { afterAll } from "vitest";
import { NotApplicable } from "../model/errors.ts";
import type { CellMeta } from "../model/meta.ts";
import { beginSteps } from "./begin.ts";
import { beginBranch } from "./branch.ts";
import type { Cell } from "./cell.ts";
import { dropEarly } from "./early.ts";
import { test as machineTest } from "./fixture.ts";
import type { Suite } from "./load.ts";
import { askedOfMachine, requireFromManifests } from "./requirements.ts";
import type { SharedMachine } from "./shared-machine.ts";
import type { Steps } from "./steps.ts";
import { madeBy, neededBy } from "./tree.ts";

/** Far above what the verbs' own deadlines add up to: when vitest has to end a test, the harness has failed. */
const harnessTimeoutMs = 4 * 3_600_000;

/** What a module compiled from YAML talks to: registers its claims as vitest tests. */
export interface SuiteModule {
  test(name: string, body: Body): void;
}

/** A test's steps, one after the other; ends early when one says that it came to where it was to go. */
type Body = (steps: Steps) => Promise<unknown>;

/**
 * Begins a compiled suite. On a shared machine a test runs only when all before it have passed, or were ruled out before they touched it; one that starts
 * from a moment, unless the test that makes it ended before it did.
 */
export function defineSuite(suite: Omit<Suite, "text">): SuiteModule {
  // The first test may have been ruled out before it asked for the machine that stands ready for it.
  afterAll(dropEarly);
  const settled = new Set<number>();
  const bodies = new Map<number, Body>();
  const runBody = async (test: number, steps: Steps) => await bodies.get(test)!(steps);
  return {
    test(name, body) {
      const index = suite.tests.findIndex((candidate) => candidate.name === name);
      bodies.set(index, body);
      const needed = neededBy(suite, index);
      const meta = { osbench: { suite: suite.name, suiteDigest: suite.digest, outcome: "not-run" as const, machines: [] } };
      const options = { timeout: harnessTimeoutMs, concurrent: false, meta, ...(suite.machine === "shared" && { retry: 0 }) };
      machineTest(name, options, async ({ cell, shared, branches, skip, onTestFinished }) => {
        await rulingOut(settled, index, async () => requireFromManifests(cell.context, needed, (one) => cell.found(one)));
        if (suite.machine === "fresh") {
          const made = madeBy(suite, index);
          branches.retry(made);
          const why = branches.whyMissed(suite.tests[index]!.from);
          branches.missed(made, why);
          if (why !== undefined) skip(`it starts from the moment \`${suite.tests[index]!.from}\`, which was never made ${why}`);
          onTestFinished(({ task }) => branches.missed(made, `after "${name}" ${endOf(task.meta.osbench)}`));
          await branches.ruling(made, async () => {
            const { steps, arrive } = await beginBranch(suite, index, cell, branches, runBody);
            if (askedOfMachine(needed).length > 0) await steps.require(needed);
            await arrive();
            await body(steps);
          });
          return;
        }
        const gap = suite.tests.slice(0, index).find((_, earlier) => !settled.has(earlier));
        const reason = shared.broken ?? (gap && `it builds on "${gap.name}", which did not run`);
        if (reason !== undefined) skip(reason);
        // Until the last step has passed, nobody knows what state this test leaves the machine in.
        onTestFinished(({ task }) => {
          if (!settled.has(index)) shared.distrust(name, endOf(task.meta.osbench));
        });
        const steps = await beginShared(cell, suite, index, shared);
        if (askedOfMachine(needed).length > 0) await rulingOut(settled, index, () => steps.require(needed));
        await rulingOut(settled, index, async () => void (await body(steps)), steps);
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

function endOf(meta: CellMeta | undefined): string {
  return meta?.outcome === "fail" ? "failed" : "did not pass";
}

async function beginShared(cell: Cell, suite: Omit<Suite, "text">, index: number, shared: SharedMachine): Promise<Steps> {
  const { start, clock } = suite.tests[0]!;
  const machine = await shared.enter(cell, suite.name, start, clock);
  return beginSteps(cell, machine)(suite.tests[index]!, {
    booted: start === "booted",
    memory: shared.memory,
    // The suite was read: no step of a shared machine keeps it.
    keep: async () => {},
    defer: (release) => shared.defer(release),
  });
}
