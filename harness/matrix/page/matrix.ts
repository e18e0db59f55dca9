import type { Outcome } from "../../model/record.ts";
import type { MatrixColumn } from "../document.ts";
import type { Verdict } from "../gate/verdicts.ts";
import { kindOfTarget, kindWords } from "../kind-words.ts";
import type { SiteCertificate, SiteIndex } from "../site/site-data.ts";
import { certifiedAs, letters, verdictLetters } from "../site/site-data.ts";

export interface Row {
  readonly row: number;
  readonly suite: string;
  readonly test: string;
}

const outcomeOf = new Map(Object.entries(letters).map(([outcome, letter]) => [letter, outcome as Outcome]));

const verdictOf = new Map(Object.entries(verdictLetters).map(([verdict, letter]) => [letter, verdict as Verdict]));

export function outcomeOfLetter(letter: string | undefined): Outcome | undefined {
  return letter === undefined ? undefined : outcomeOf.get(letter.toLowerCase());
}

/** The index of the site, as the page asks it. A cell is a number: row × columns + column. */
export class Matrix {
  readonly index: SiteIndex;
  readonly columns: readonly MatrixColumn[];
  readonly rows: readonly Row[];
  readonly images: readonly string[];
  readonly targets: readonly string[];
  /** What stands behind the targets: emulated, hardware, … */
  readonly kinds: readonly string[];
  readonly #said: ReadonlyMap<number, number>;
  readonly #attempts: ReadonlyMap<number, number>;
  readonly #absent: ReadonlyMap<number, string>;
  readonly regressed: ReadonlySet<number>;
  readonly flaky: ReadonlySet<number>;

  constructor(index: SiteIndex) {
    this.index = index;
    this.columns = index.columns;
    this.rows = index.suites
      .flatMap(({ suite, tests }) => tests.map((test) => ({ suite, test })))
      .map((row, number) => ({ row: number, ...row }));
    this.images = [...new Set(index.columns.map((column) => column.image))];
    this.targets = [...new Set(index.columns.map((column) => column.target))].sort();
    const kinds = index.columns.flatMap(({ environment }) => (environment ? [kindWords[kindOfTarget(environment)]] : []));
    this.kinds = [...new Set(kinds)].sort();
    this.#said = pairs(index.saidOf);
    this.#attempts = pairs(index.attempts);
    // Held against a baseline, what passed in some older run is history, and the verdict is the news.
    this.regressed = new Set(index.decision?.baseline ? [] : index.regressed);
    this.flaky = new Set(index.flaky.filter((cell) => this.verdict(cell) !== "flaky"));
    this.#absent = new Map(index.decision?.absent.map(({ cell, why }) => [cell, why]));
  }

  get size(): number {
    return Object.values(this.index.counts).reduce((sum, count) => sum + count, 0);
  }

  cell(row: number, column: number): number {
    return row * this.columns.length + column;
  }

  rowOf(cell: number): Row {
    return this.rows[Math.floor(cell / this.columns.length)]!;
  }

  columnOf(cell: number): MatrixColumn {
    return this.columns[cell % this.columns.length]!;
  }

  /** Undefined for a cell that nobody ever planned. */
  outcome(cell: number): Outcome | undefined {
    return outcomeOfLetter(this.index.outcomes[cell]);
  }

  /** What the gate says; undefined where it was not asked. */
  verdict(cell: number): Verdict | undefined {
    return verdictOf.get(this.index.decision?.verdicts[cell] ?? " ");
  }

  /** Whether there is anything to show: a result, or that one is missing. */
  there(cell: number): boolean {
    return this.outcome(cell) !== undefined || this.#absent.has(cell);
  }

  /** Why a cell that nobody planned is missed; undefined for all others. */
  absent(cell: number): string | undefined {
    return this.#absent.get(cell);
  }

  /** The certificate a cell's result stands under, whatever that is worth; `hardware` only where it holds for a result of real hardware. */
  certificate(
    cell: number,
  ): { readonly number: number; readonly is: SiteCertificate; readonly kind: string; readonly hardware: boolean } | undefined {
    const found = certifiedAs(this.index.certified.charCodeAt(cell));
    const is = found && this.index.certificates[found.certificate];
    if (!is) return undefined;
    const hardware = is.state === "holds" && is.hardware === true && found.kind === "hardware";
    return { number: found.certificate, is, kind: kindWords[found.kind], hardware };
  }

  outdated(cell: number): boolean {
    const code = this.index.outcomes.charCodeAt(cell);
    return code > 64 && code < 91;
  }

  /** First line of why a cell is what it is. */
  said(cell: number): string | undefined {
    const said = this.#said.get(cell);
    return said === undefined ? this.#absent.get(cell) : this.index.said[said];
  }

  attempts(cell: number): number {
    return this.#attempts.get(cell) ?? 1;
  }

  /** Cells with something to say, in the order of the grid. */
  get spoken(): Iterable<number> {
    return this.#said.keys();
  }

  /** What addresses name a cell by, whatever else is published beside it. */
  name(cell: number): string {
    const { image, target } = this.columnOf(cell);
    const { suite, test } = this.rowOf(cell);
    return [image, target, suite, test].join(" | ");
  }

  named(name: string): number | undefined {
    const [image, target, suite, ...test] = name.split(" | ");
    const column = this.columns.findIndex((one) => one.image === image && one.target === target);
    const row = this.rows.findIndex((one) => one.suite === suite && one.test === test.join(" | "));
    if (column < 0 || row < 0) return undefined;
    const cell = this.cell(row, column);
    return this.there(cell) ? cell : undefined;
  }
}

function pairs(flat: readonly number[]): ReadonlyMap<number, number> {
  const map = new Map<number, number>();
  for (let at = 0; at < flat.length; at += 2) map.set(flat[at]!, flat[at + 1]!);
  return map;
}
