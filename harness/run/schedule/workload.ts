import type { CellRecord } from "../../model/record.ts";
import { lowerBound } from "./simulate.ts";

/** How well a run used the host. Seconds. */
export interface Timing {
  /** How many machines could run at once. */
  readonly machines: number;
  readonly wallSeconds: number;
  /** No order of the same suites on as many machines takes less. */
  readonly lowerBoundSeconds: number;
  /** Undefined if no time was spent in any cell. */
  readonly ratio: number | undefined;
}

/** Adds up how long the suites of a run took, by their records: those of attempts that do not count, too. */
export class Workload {
  readonly #units = new Map<string, number>();

  add({ image, target, suite, durationMs }: CellRecord): void {
    const key = JSON.stringify([image.name, target.name, suite.name]);
    this.#units.set(key, (this.#units.get(key) ?? 0) + durationMs);
  }

  timing(wallMs: number, machines: number): Timing {
    const bound = lowerBound(
      [...this.#units.values()].map((ms) => ({ ms })),
      machines,
    );
    return {
      machines,
      wallSeconds: seconds(wallMs),
      lowerBoundSeconds: seconds(bound),
      ratio: bound === 0 ? undefined : Math.round((wallMs / bound) * 1000) / 1000,
    };
  }
}

function seconds(ms: number): number {
  return Math.round(ms) / 1000;
}
