import type { CellRecord, RunProvenance } from "../../model/record.ts";

/** One run directory that was read, as far as merging needs it. */
export interface PartRun {
  readonly folder: string;
  readonly run: string;
  readonly provenance: RunProvenance | undefined;
  /** In the order they were written. */
  readonly records: readonly CellRecord[];
  readonly damage: readonly { readonly file: string; readonly line: number | undefined; readonly what: string }[];
}
