import type { Combination, PlannedSuite } from "../plan.ts";
import { longestFirst } from "../schedule/simulate.ts";

/** One of `of` parts of a matrix, from 1. */
export interface Shard {
  readonly index: number;
  readonly of: number;
}

export interface Part {
  readonly combination: Combination;
  readonly suite: PlannedSuite;
  /** Milliseconds it should take, or any other weight. */
  readonly ms: number;
}

/**
 * Divides suites among shards: the longest first, each to the shard with the least to do. Says for each part which shard has it, from 1. The same parts
 * and weights give the same answer on every host, in whatever order they are named.
 */
export function assign<T extends Part>(parts: readonly T[], of: number): Map<T, number> {
  const named = [...parts].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  const load = Array.from({ length: of }, () => ({ ms: 0, parts: 0 }));
  const found = new Map<T, number>();
  for (const part of longestFirst(named)) {
    // Of equally loaded ones the one with fewer suites: what nobody weighed is spread, too.
    const least = load.reduce((best, one, index) => {
      const other = load[best] as (typeof load)[number];
      return one.ms < other.ms || (one.ms === other.ms && one.parts < other.parts) ? index : best;
    }, 0);
    const chosen = load[least] as (typeof load)[number];
    chosen.ms += part.ms;
    chosen.parts += 1;
    found.set(part, least + 1);
  }
  return found;
}

function nameOf({ combination: { image, target }, suite }: Part): string {
  return JSON.stringify([image.image, target.target, suite.source.name]);
}
