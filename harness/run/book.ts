import type { Subject } from "./cell.ts";
import type { Ledger, PlannedCell } from "./ledger.ts";
import type { Combination, Plan, PlannedSuite } from "./plan.ts";

/** Finds the planned cells behind what vitest reports by project and file. */
export class Book {
  readonly #plan: Plan;
  readonly #subjects: ReadonlyMap<string, Subject>;
  readonly #cells = new Map<string, readonly PlannedCell[]>();

  constructor(plan: Plan, subjects: ReadonlyMap<string, Subject>) {
    this.#plan = plan;
    this.#subjects = subjects;
    for (const combination of plan.combinations) {
      for (const suite of plan.suitesOf(combination)) this.#enter(combination, suite, suite.tests);
    }
  }

  cells(project: string, file: string): readonly PlannedCell[] {
    return this.#cells.get(key(project, file)) ?? [];
  }

  /** All cells of a combination, to settle them together. */
  cellsOfProject(project: string): readonly PlannedCell[] {
    return this.#plan.suites.flatMap((suite) => this.cells(project, suite.file));
  }

  /** Corrects the plan by what a file holds now that it was loaded: tests made in a loop cannot be read from its text. */
  found(ledger: Pick<Ledger, "plan" | "unplan">, project: string, file: string, tests: readonly string[]): void {
    const combination = this.#plan.combinations.find((one) => one.project === project);
    const suite = this.#plan.suites.find((one) => one.file === file);
    if (!combination || !suite) return;
    // All of them: the order of the file is the order of the plan.
    ledger.unplan(this.cells(project, file));
    ledger.plan(this.#enter(combination, suite, this.#plan.wanted(tests)));
  }

  #enter(combination: Combination, suite: PlannedSuite, tests: readonly string[]): readonly PlannedCell[] {
    const subject = this.#subjects.get(combination.project);
    if (!subject) throw new Error(`no subject for ${combination.project}`);
    const cells = tests.map((test) => ({ subject, suite: suite.source, test }));
    this.#cells.set(key(combination.project, suite.file), cells);
    return cells;
  }
}

function key(project: string, file: string): string {
  return `${project}\n${file}`;
}
