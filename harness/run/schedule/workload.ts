import type { CellRecord } from "../../model/record.ts";
import { coresOf, type Room } from "./room.ts";
import { lowerBound, type Job } from "./simulate.ts";

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
  readonly #units = new Map<string, Job>();

  add({ image, target, suite, durationMs }: CellRecord): void {
    const key = JSON.stringify([image.name, target.name, suite.name]);
    const before = this.#units.get(key)?.ms ?? 0;
    this.#units.set(key, { ms: before + durationMs, memoryMiB: 0, cores: coresOf(target.accelerator) });
  }

  timing(wallMs: number, room: Room): Timing {
    const { machines } = room;
    const bound = lowerBound([...this.#units.values()], room);
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
