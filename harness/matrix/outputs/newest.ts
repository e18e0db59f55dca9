import { recordSchemaVersion, type CellRecord, type RunProvenance } from "../../model/record.ts";
import { kindOf } from "../../model/upgrade.ts";
import type { Damage } from "../read-run.ts";
import { whatCounts } from "../site/cell-sightings.ts";
import { collect } from "../site/collect.ts";
import { RecordReader } from "../site/record-reader.ts";
import { runHeads } from "../site/run-head.ts";
import { unpackSighting, type SightingLine } from "../site/sighting-line.ts";
import { Spill } from "../site/spill.ts";

/** The newest word on a cell. */
export interface NewestCell {
  readonly record: CellRecord;
  /** The run directory its evidence stands in. */
  readonly folder: string;
  /** Outcomes before it, newest first. */
  readonly before: readonly CellRecord["outcome"][];
}

export interface Newest {
  /** By suite and test as the suite's file has them, then by column. */
  readonly cells: readonly NewestCell[];
  /** Of the newest of the runs; undefined if its run.json cannot be read. */
  readonly provenance: Omit<RunProvenance, "planned"> | undefined;
  /** Names of the runs, oldest first. */
  readonly runs: readonly string[];
  readonly damage: readonly Damage[];
}

/**
 * The newest outcome of each cell of some run directories, as the matrix shows it; a planned cell without a record as `not-run`. Holds one record a
 * cell, however often each was tried. Throws InputError for a folder that is no run directory or has an unknown schema.
 */
export async function readNewest(folders: readonly string[]): Promise<Newest> {
  const heads = await runHeads(folders);
  const spill = new Spill("report");
  const reader = new RecordReader();
  try {
    const collected = await collect(heads, spill);
    const own = heads.map(() => 0);
    const columns = new Map(collected.columns.ordered().map(({ column, met }) => [met, column] as const));
    const cells: NewestCell[] = [];
    for (const { suite, met } of collected.rows.ordered()) {
      for (const [place, row] of met.entries()) {
        const byColumn = Map.groupBy(spill.read(row).map(unpackSighting), (line) => line.column);
        for (const [column, about] of columns) {
          const [newest, ...older] = whatCounts(byColumn.get(column) ?? [], collected, own);
          if (!newest) continue;
          const head = heads[newest.head]!;
          const named = { ...about, suite: suite.suite, test: suite.tests[place]!, run: head.run };
          const record = newest.offset < 0 ? missed(named, newest) : await reader.read(head, newest.offset, newest.bytes);
          cells.push({ record, folder: head.folder, before: older.map(({ outcome }) => outcome) });
        }
      }
    }
    const { provenance } = heads.at(-1) ?? { provenance: undefined };
    return { cells, provenance, runs: [...new Set(heads.map(({ run }) => run))], damage: collected.damage.flat() };
  } finally {
    spill.close();
    await reader[Symbol.asyncDispose]();
  }
}

/** A planned cell nobody recorded, in the shape of a record: what is not known of it is empty. */
function missed(
  { image, target, suite, test, run }: Readonly<Record<"image" | "target" | "suite" | "test" | "run", string>>,
  { started, message }: SightingLine,
): CellRecord {
  return {
    schema: recordSchemaVersion,
    run,
    image: { name: image, version: "", digest: "", form: "" },
    target: { name: target, kind: kindOf(undefined), arch: "", machine: "", accelerator: "" },
    suite: { name: suite, digest: "", file: "" },
    test,
    outcome: "not-run",
    reason: message,
    started: new Date(started).toISOString(),
    durationMs: 0,
    attempts: 1,
    machines: [],
    evidence: [],
  };
}
