import type { CellRecord, Outcome } from "../model/record.ts";
import { recordSchemaVersion } from "../model/record.ts";
import { cellKey, type Cell, type Subject, type SuiteSource } from "./cell.ts";
import { Journal } from "./journal.ts";

/** One planned cell with what its record will say about image, target and suite. */
export interface PlannedCell {
  readonly subject: Subject;
  readonly suite: SuiteSource;
  readonly test: string;
}

/** What became of a cell: what a record says beyond what was planned. */
export type Verdict = Partial<
  Pick<CellRecord, "reason" | "failure" | "started" | "durationMs" | "attempts" | "machines" | "capabilities" | "evidence">
> & {
  readonly outcome: Outcome;
};

export function cellOf({ subject, suite, test }: PlannedCell): Cell {
  return { image: subject.image.name, target: subject.target.name, suite: suite.name, test };
}

/**
 * Every planned cell of one run and its record. A cell is recorded exactly once an attempt, at once, on disk; one that is left without is
 * never forgotten: `finish` records the rest. Of several attempts the last one's record counts, and all of them stay on disk.
 */
export class Ledger {
  readonly run: string;
  readonly folder: string;
  readonly #records = new Map<string, CellRecord>();
  readonly #journal: Journal;
  readonly #planned = new Map<string, PlannedCell>();
  readonly #settled = new Set<string>();
  /** Attempts that were recorded before the current one, by cell. */
  readonly #attempts = new Map<string, number>();
  #finished = false;
  readonly #listeners: ((record: CellRecord) => void)[] = [];

  constructor(run: string, folder: string) {
    this.run = run;
    this.folder = folder;
    this.#journal = new Journal(folder);
  }

  onRecord(listener: (record: CellRecord) => void): void {
    this.#listeners.push(listener);
  }

  /** The record of each cell that counts, in the order the cells were first recorded. */
  get records(): CellRecord[] {
    return [...this.#records.values()];
  }

  get planned(): Cell[] {
    return [...this.#planned.values()].map(cellOf);
  }

  plan(cells: readonly PlannedCell[]): void {
    for (const cell of cells) this.#planned.set(cellKey(cellOf(cell)), cell);
  }

  /** Takes back cells that turned out not to exist. One that has a record stays. */
  unplan(cells: readonly PlannedCell[]): void {
    for (const key of cells.map((cell) => cellKey(cellOf(cell)))) if (!this.#settled.has(key)) this.#planned.delete(key);
  }

  /** The planned cells without a record, in the order they were planned. */
  open(): PlannedCell[] {
    return [...this.#planned].filter(([key]) => !this.#settled.has(key)).map(([, cell]) => cell);
  }

  /** Lets cells be recorded once more, by a further attempt. A claim that failed stays failed: another try must not wash it clean. */
  reopen(cells: readonly PlannedCell[]): void {
    for (const key of cells.map((cell) => cellKey(cellOf(cell)))) {
      const last = this.#records.get(key);
      if (!last || last.outcome === "fail") continue;
      this.#attempts.set(key, last.attempts);
      this.#settled.delete(key);
    }
  }

  /** Records a cell; a second verdict on the same cell is ignored, since the first is on disk. */
  settle(cell: PlannedCell, verdict: Verdict): void {
    const key = cellKey(cellOf(cell));
    if (this.#settled.has(key)) return;
    const record: CellRecord = {
      schema: recordSchemaVersion,
      run: this.run,
      ...cell.subject,
      suite: cell.suite,
      test: cell.test,
      started: new Date().toISOString(),
      durationMs: 0,
      machines: [],
      evidence: [],
      ...verdict,
      attempts: (this.#attempts.get(key) ?? 0) + (verdict.attempts ?? 1),
    };
    this.#journal.append(record);
    this.#settled.add(key);
    this.#planned.set(key, cell);
    this.#records.set(key, record);
    for (const listener of this.#listeners) listener(record);
  }

  /** Records every cell that has no record yet as `not-run`, and closes the file. Only the first call counts. */
  finish(reason: string): void {
    if (this.#finished) return;
    this.#finished = true;
    for (const cell of this.open()) if (!this.#records.has(cellKey(cellOf(cell)))) this.settle(cell, { outcome: "not-run", reason });
    this.#journal.close();
  }
}
