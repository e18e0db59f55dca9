import type { CellRecord, Failure, Outcome } from "../model/record.ts";
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
export type Verdict = Partial<Pick<CellRecord, "reason" | "failure" | "started" | "durationMs" | "attempts" | "machines" | "evidence">> & {
  readonly outcome: Outcome;
};

export function cellOf({ subject, suite, test }: PlannedCell): Cell {
  return { image: subject.image.name, target: subject.target.name, suite: suite.name, test };
}

/**
 * Every planned cell of one run and its record. A cell is recorded exactly once, at once, on disk; one that is left without is never
 * forgotten: `finish` records the rest.
 */
export class Ledger {
  readonly run: string;
  readonly folder: string;
  readonly records: CellRecord[] = [];
  readonly #journal: Journal;
  readonly #planned = new Map<string, PlannedCell>();
  readonly #settled = new Set<string>();
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
      attempts: 1,
      machines: [],
      evidence: [],
      ...verdict,
    };
    this.#journal.append(record);
    this.#settled.add(key);
    this.#planned.set(key, cell);
    this.records.push(record);
    for (const listener of this.#listeners) listener(record);
  }

  /** Records every cell that is still open as `not-run`, and closes the file. Only the first call counts. */
  finish(reason: string): void {
    if (this.#finished) return;
    this.#finished = true;
    for (const cell of this.open()) this.settle(cell, { outcome: "not-run", reason });
    this.#journal.close();
  }
}

/** A failure of the harness, as records and output say it. */
export function failureOf(error: unknown): Failure {
  const { message, code, hint, evidence } = error as { message?: unknown; code?: unknown; hint?: unknown; evidence?: unknown };
  return {
    message: typeof message === "string" ? message : String(error),
    ...(typeof code === "string" && { code }),
    ...(typeof hint === "string" && { hint }),
    details: textsOf(evidence),
  };
}

function textsOf(value: unknown): Record<string, string> {
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}
