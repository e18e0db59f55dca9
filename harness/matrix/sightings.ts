import type { CellRecord, Outcome } from "../model/record.ts";
import type { RunContents } from "./read-run.ts";
import { startOf } from "./read-runs.ts";

/** One run's word on one cell: a record, or a plan that came to nothing. */
export interface Sighting {
  readonly image: string;
  readonly target: string;
  readonly suite: string;
  readonly test: string;
  readonly outcome: Outcome;
  readonly reason: string | undefined;
  readonly started: string;
  readonly version: string | undefined;
  readonly digest: string | undefined;
  readonly run: RunContents;
  readonly record: CellRecord | undefined;
}

export type CellName = Pick<Sighting, "image" | "target" | "suite" | "test">;

export function cellKey({ image, target, suite, test }: CellName): string {
  return JSON.stringify([image, target, suite, test]);
}

/**
 * What each cell's runs say of it, newest first. A cell a run planned and left without a record counts as `not-run` at
 * that run's start: an older pass must not stand in for a result that a newer run set out to get and did not get.
 */
export function sightings(runs: readonly RunContents[]): Map<string, Sighting[]> {
  const cells = new Map<string, Sighting[]>();
  const add = (sighting: Sighting) => {
    const key = cellKey(sighting);
    const known = cells.get(key);
    if (known) known.push(sighting);
    else cells.set(key, [sighting]);
  };
  const recorded = new Set(runs.flatMap((run) => run.records.map((record) => run.run + cellKey(nameOf(record)))));
  const missing = new Set<string>();
  for (const run of runs) {
    for (const record of run.records) add(recordedAs(record, run));
    for (const planned of run.provenance?.planned ?? []) {
      const key = run.run + cellKey(planned);
      if (recorded.has(key) || missing.has(key)) continue;
      missing.add(key);
      add(missed(planned, run));
    }
  }
  for (const known of cells.values()) newestFirst(known);
  return cells;
}

function nameOf(record: CellRecord): CellName {
  return { image: record.image.name, target: record.target.name, suite: record.suite.name, test: record.test };
}

function recordedAs(record: CellRecord, run: RunContents): Sighting {
  const { outcome, reason, started } = record;
  // Both are empty for an image that could not be built.
  return {
    ...nameOf(record),
    outcome,
    reason,
    started,
    version: record.image.version || undefined,
    digest: record.image.digest || undefined,
    run,
    record,
  };
}

function missed(planned: CellName, run: RunContents): Sighting {
  const versions = new Set((run.provenance?.images ?? []).filter((image) => image.name === planned.image).map((image) => image.version));
  const ended = run.provenance?.finished === undefined ? "the run did not finish" : "the run finished without a record of it";
  return {
    ...planned,
    outcome: "not-run",
    reason: `planned, but ${ended}`,
    started: run.provenance?.started ?? new Date(startOf(run)).toISOString(),
    version: versions.size === 1 ? [...versions][0] : undefined,
    // An image built for several architectures has several digests, and the plan does not say which.
    digest: undefined,
    run,
    record: undefined,
  };
}

/** Of two at the same instant the one written later is newer. */
function newestFirst(known: Sighting[]): void {
  known.reverse().sort((a, b) => Date.parse(b.started) - Date.parse(a.started));
}
