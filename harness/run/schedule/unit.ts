import type { Accelerator } from "../../model/context.ts";
import type { Cell } from "../cell.ts";
import { memoryOf, misfit, type Combination, type Plan, type PlannedSuite } from "../plan.ts";
import type { Estimate } from "./estimate.ts";
import { needsOf } from "./room.ts";
import type { Job } from "./simulate.ts";

/** A suite on one image in one target: what one worker does from beginning to end, on one machine at a time. */
export interface Unit extends Job {
  /** Name of the vitest project. */
  readonly project: string;
  /** Absolute path of the suite. */
  readonly file: string;
  readonly combination: Combination;
  readonly suite: PlannedSuite;
  readonly cells: readonly Cell[];
  /** How many of its cells were timed on this host before; the others' durations are guesses. */
  readonly timed: number;
  /** Why nothing of it applies, where the manifests already say so; no machine is started for it. */
  readonly ruledOut?: string;
}

/** What a unit is called where only text can stand. */
export function jobOf({ project, file }: Pick<Unit, "project" | "file">): string {
  return `${project}\n${file}`;
}

/** Every suite with a test to try, on every image and target that fit each other, with how long it should take. */
export function unitsOf(
  plan: Pick<Plan, "combinations" | "suitesOf">,
  estimate: (cell: Cell) => Estimate,
  accelerator: (combination: Combination) => Accelerator,
): Unit[] {
  return plan.combinations
    .filter((combination) => misfit(combination) === undefined)
    .flatMap((combination) =>
      plan
        .suitesOf(combination)
        .filter(({ tests }) => tests.length > 0)
        .map((suite) => {
          const { image, target, project } = combination;
          const cells = suite.tests.map((test) => ({ image: image.image, target: target.target, suite: suite.source.name, test }));
          const estimates = cells.map(estimate);
          const why = estimates.every(({ ruledOut }) => ruledOut !== undefined) ? estimates[0]?.ruledOut : undefined;
          return {
            ...needsOf({ memoryMiB: memoryOf(combination), accelerator: accelerator(combination) }),
            ...{ project, file: suite.file, combination, suite, cells },
            ms: estimates.reduce((sum, { ms }) => sum + ms, 0),
            timed: estimates.filter(({ timed }) => timed).length,
            ...(why !== undefined && { ruledOut: why }),
          };
        }),
    );
}
