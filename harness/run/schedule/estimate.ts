import type { Cell } from "../cell.ts";

/** How long a cell should take. */
export interface Estimate {
  readonly ms: number;
  /** Whether this very cell was timed before; else others like it were, or none. */
  readonly timed: boolean;
}

/** What remembers how long cells took. */
export interface Memory {
  of(cell: Cell): number | undefined;
  /** How long the same test took elsewhere: with this image in other targets, else with other images. */
  likely(cell: Cell): number | undefined;
}

/** A claim nobody ever timed: about a boot of an emulated machine. */
const unheardMs = 45_000;

/** The best word there is on how long a cell takes: its own time on this host, else that of the same claim elsewhere, else a guess that errs on the long side. */
export function estimator(memory: Memory): (cell: Cell) => Estimate {
  return (cell) => {
    const own = memory.of(cell);
    return own === undefined ? { ms: memory.likely(cell) ?? unheardMs, timed: false } : { ms: own, timed: true };
  };
}
