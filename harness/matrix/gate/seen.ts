import type { Outcome } from "../../model/record.ts";
import type { Columns } from "../site/columns.ts";
import type { Rows } from "../site/rows.ts";
import type { Spill } from "../site/spill.ts";

/** One outcome of a cell, and what it is an outcome of. */
export interface Observation {
  readonly outcome: Outcome;
  readonly started: string;
  /** Of the image; empty where it is not known. */
  readonly version: string;
  /** Of the image that was tested; undefined for an image that could not be built. */
  readonly digest: string | undefined;
  /** Of the suite as it was run; undefined where it is not known. */
  readonly suiteDigest: string | undefined;
  /** First line of the failure, or the reason. */
  readonly message: string | undefined;
}

export interface CellName {
  readonly image: string;
  readonly target: string;
  readonly suite: string;
  readonly test: string;
}

/** A cell with everything that was ever seen of it, newest first, at least one. */
export interface SeenCell extends CellName {
  readonly seen: readonly [Observation, ...Observation[]];
}

/** What was seen of any number of cells, without holding them. */
export interface Seen {
  /** Every cell once, those of one test together. May be walked as often as wanted. */
  cells(): Iterable<SeenCell>;
  /** Quick where cells are asked for in the order of the other's walk: the last row is kept. */
  find(name: CellName): SeenCell | undefined;
  /** Damage that may hide outcomes, as `file:line: what`. */
  readonly damage: readonly string[];
}

interface Source {
  readonly rows: Rows;
  readonly columns: Columns;
  readonly spill: Spill;
  readonly damage: readonly string[];
  /** What the lines of one row say: by the number of a column its observations, newest first. */
  readonly observed: (lines: readonly string[]) => Iterable<readonly [column: number, seen: readonly Observation[]]>;
}

/** What was seen, on disk: holds the cells of one row at a time. */
export class SeenByRow implements Seen {
  readonly damage: readonly string[];
  readonly #source: Source;
  readonly #columns: ReadonlyMap<number, { readonly place: number; readonly image: string; readonly target: string }>;
  #last: { readonly row: number; readonly cells: readonly SeenCell[] } | undefined;

  constructor(source: Source) {
    this.#source = source;
    this.damage = source.damage;
    this.#columns = new Map(source.columns.ordered().map(({ column: { image, target }, met }, place) => [met, { place, image, target }]));
  }

  *cells(): Generator<SeenCell> {
    for (const { suite, met } of this.#source.rows.ordered())
      for (const [place, row] of met.entries()) yield* this.#row(row, suite.suite, suite.tests[place]!);
  }

  find({ image, target, suite, test }: CellName): SeenCell | undefined {
    const row = this.#source.rows.find(suite, test);
    if (row === undefined) return undefined;
    if (this.#last?.row !== row) this.#last = { row, cells: this.#row(row, suite, test) };
    return this.#last.cells.find((cell) => cell.image === image && cell.target === target);
  }

  #row(row: number, suite: string, test: string): SeenCell[] {
    return [...this.#source.observed(this.#source.spill.read(row))]
      .map(([column, seen]) => ({ ...this.#columns.get(column)!, seen }))
      .sort((a, b) => a.place - b.place)
      .map(({ image, target, seen }) => ({ image, target, suite, test, seen: seen as unknown as SeenCell["seen"] }));
  }
}
