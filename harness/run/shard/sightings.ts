import { outcomes, type Outcome } from "../../model/record.ts";
import type { Cell } from "../cell.ts";
import type { Place } from "./part.ts";

/** One record of a cell: in which part, where, and what it is decided by. */
export interface Sighting extends Place {
  readonly part: number;
  readonly started: number;
  readonly outcome: Outcome;
  readonly durationMs: number;
}

/** Why a cell should have a record, and since when. */
export interface Expectation {
  readonly why: string;
  /** ISO 8601 */
  readonly since: string;
}

const mostColumns = 2 ** 20;

/**
 * Which cells there are, who should have tried them, and where their records stand: numbers only, so that a million records need some tens of MiB. Names
 * are held once for each image in a target, and once for each test.
 */
export class Sightings {
  readonly #columns = new Names();
  readonly #rows = new Names();
  readonly #numbers = new Map<number, number>();
  readonly #cells = { row: [] as number[], column: [] as number[], first: [] as number[], last: [] as number[], expected: [] as number[] };
  readonly #records = {
    ...{ cell: [] as number[], part: [] as number[], offset: [] as number[], bytes: [] as number[] },
    ...{ started: [] as number[], outcome: [] as number[], durationMs: [] as number[], next: [] as number[] },
  };
  readonly #expectations: Expectation[] = [];

  /** Says that a cell should have a record; what was said first stays. */
  expect(cells: readonly Cell[], why: string, since: string): void {
    const reason = this.#expectations.push({ why, since }) - 1;
    for (const cell of cells) {
      const number = this.#number(cell);
      if (this.#cells.expected[number] === -1) this.#cells.expected[number] = reason;
    }
  }

  isExpected(cell: Cell): boolean {
    const { row, column } = { row: this.#rows.known(cell.suite, cell.test), column: this.#columns.known(cell.image, cell.target) };
    const number = row === undefined || column === undefined ? undefined : this.#numbers.get(row * mostColumns + column);
    return number !== undefined && this.#cells.expected[number] !== -1;
  }

  add(cell: Cell, { part, offset, bytes, started, outcome, durationMs }: Sighting): void {
    const number = this.#number(cell);
    const { first, last } = this.#cells;
    const records = this.#records;
    const record = records.cell.push(number) - 1;
    records.part.push(part);
    records.offset.push(offset);
    records.bytes.push(bytes);
    records.started.push(started);
    records.outcome.push(outcomes.indexOf(outcome));
    records.durationMs.push(durationMs);
    records.next.push(-1);
    if (first[number] === -1) first[number] = record;
    else records.next[last[number]!] = record;
    last[number] = record;
  }

  /** Cells with a record, in the order these were met, each with all of them in that order. */
  *recorded(): Generator<{ readonly cell: Cell; readonly seen: readonly [Sighting, ...Sighting[]] }> {
    for (let record = 0; record < this.#records.cell.length; record++) {
      const number = this.#records.cell[record]!;
      if (this.#cells.first[number] !== record) continue;
      const seen: Sighting[] = [];
      for (let at = record; at !== -1; at = this.#records.next[at]!) seen.push(this.#sighting(at));
      yield { cell: this.#cell(number), seen: seen as [Sighting, ...Sighting[]] };
    }
  }

  /** Cells that should have a record and have none. */
  *missing(): Generator<Expectation & { readonly cell: Cell }> {
    for (let number = 0; number < this.#cells.row.length; number++) {
      if (this.#cells.first[number] !== -1) continue;
      yield { cell: this.#cell(number), ...this.#expectations[this.#cells.expected[number]!]! };
    }
  }

  /** All cells: those that were expected, then the others. */
  *cells(): Generator<Cell> {
    for (let number = 0; number < this.#cells.row.length; number++) yield this.#cell(number);
  }

  #number({ image, target, suite, test }: Cell): number {
    const row = this.#rows.number(suite, test);
    const column = this.#columns.number(image, target);
    const key = row * mostColumns + column;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const { first, last, expected } = this.#cells;
    this.#cells.row.push(row);
    this.#cells.column.push(column);
    for (const list of [first, last, expected]) list.push(-1);
    this.#numbers.set(key, first.length - 1);
    return first.length - 1;
  }

  #cell(number: number): Cell {
    const [image, target] = this.#columns.of(this.#cells.column[number]!);
    const [suite, test] = this.#rows.of(this.#cells.row[number]!);
    return { image, target, suite, test };
  }

  #sighting(at: number): Sighting {
    const { part, offset, bytes, started, outcome, durationMs } = this.#records;
    return {
      ...{ part: part[at]!, offset: offset[at]!, bytes: bytes[at]!, started: started[at]! },
      ...{ outcome: outcomes[outcome[at]!]!, durationMs: durationMs[at]! },
    };
  }
}

/** Pairs of names by number. */
class Names {
  readonly #numbers = new Map<string, Map<string, number>>();
  readonly #all: (readonly [string, string])[] = [];

  known(a: string, b: string): number | undefined {
    return this.#numbers.get(a)?.get(b);
  }

  number(a: string, b: string): number {
    const own = this.#numbers.get(a) ?? new Map<string, number>();
    this.#numbers.set(a, own);
    const known = own.get(b) ?? this.#all.push([a, b]) - 1;
    own.set(b, known);
    return known;
  }

  of(number: number): readonly [string, string] {
    return this.#all[number]!;
  }
}
