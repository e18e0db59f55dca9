import { cellKey, type Cell } from "../cell.ts";
import type { Plan } from "../plan.ts";
import { ruledOut } from "./ruled-out.ts";

/** How long a cell should take. */
export interface Estimate {
  readonly ms: number;
  /** Whether this very cell was timed before; else others like it were, or none. */
  readonly timed: boolean;
  /** Why it takes no time: the manifests already say that the claim does not apply. */
  readonly ruledOut?: string;
}

/** What remembers how long cells took. */
export interface Memory {
  of(cell: Cell): number | undefined;
  /** How long the same test took elsewhere: with this image in other targets, else with other images. */
  likely(cell: Cell): number | undefined;
}

/** A claim nobody ever timed: about a boot of an emulated machine. */
const unheardMs = 45_000;

/**
 * The best word there is on how long a cell of the plan takes: nothing where the manifests rule it out, its own time on this host, else that of the
 * same claim elsewhere, else a guess that errs on the long side.
 */
export function estimator(memory: Memory, plan: Pick<Plan, "combinations" | "suitesOf">): (cell: Cell) => Estimate {
  const reasons = new Map<string, string>();
  for (const combination of plan.combinations)
    for (const suite of plan.suitesOf(combination))
      for (const test of suite.tests) {
        const why = ruledOut(combination, suite, test);
        const names = { image: combination.image.image, target: combination.target.target, suite: suite.source.name, test };
        if (why !== undefined) reasons.set(cellKey(names), why);
      }
  return (cell) => {
    const why = reasons.get(cellKey(cell));
    if (why !== undefined) return { ms: 0, timed: true, ruledOut: why };
    const own = memory.of(cell);
    return own === undefined ? { ms: memory.likely(cell) ?? unheardMs, timed: false } : { ms: own, timed: true };
  };
}
