import type { CellRecord, RunProvenance } from "../../model/record.ts";
import type { Cell } from "../cell.ts";

/** Where a record stands in its run. */
export interface Place {
  readonly offset: number;
  readonly bytes: number;
}

/** One run directory, as far as merging needs it. Its records are read one at a time. */
export interface PartRun {
  readonly folder: string;
  readonly run: string;
  readonly provenance: Omit<RunProvenance, "planned"> | undefined;
  /** Every cell it was to try. */
  planned(): Promise<readonly Cell[]>;
  /** In the order they were written. */
  records(): AsyncIterable<Place & { readonly record: CellRecord }>;
  read(place: Place): Promise<CellRecord>;
  /** Complete once its records were read. */
  readonly damage: readonly { readonly file: string; readonly line: number | undefined; readonly what: string }[];
}
