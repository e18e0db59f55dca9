import { relative, basename, dirname, join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import type { Reporter, TestCase, TestModule, TestSuite } from "vitest/node";
import { cellName, ofAttempt } from "../model/cell.ts";
import type { MachineEvent } from "../model/events.ts";
import type { CellMeta } from "../model/meta.ts";
import type { Outcome } from "../model/record.ts";
import { failureOf } from "../model/thrown.ts";
import type { Book } from "./book.ts";
import { freezeEvidence, listEvidence } from "./evidence.ts";
import { cellOf, type Ledger, type PlannedCell, type Verdict } from "./ledger.ts";
import { distinct } from "./plan.ts";
import { finishedOf, verdictOf } from "./verdict.ts";

/** What the reporter must know of a run; made by whoever starts it. */
/** A test that failed and whose machine is kept for people. */
export type PausedTest = Pick<Extract<MachineEvent, { type: "paused" }>, "test" | "began" | "meta">;

export interface Reported {
  readonly ledger: Ledger;
  /** Which cells stand behind a project and a file. */
  readonly book: Pick<Book, "cells" | "found">;
  /** Which attempt of the run is under way, from 1. */
  readonly attempt?: number;
  /** Why the run is being ended early; undefined while it is not. */
  interrupted(): string | undefined;
  /** Whether a machine still writes to the evidence folder of that name. */
  machineOpen(cell: string): boolean;
  /** What tests print. */
  said?(text: string): void;
  /** An error that belongs to no cell. */
  stray?(message: string): void;
}

/**
 * Turns what vitest reports into records, the moment it is known. What vitest cannot say of a test (its worker died, its file did not load)
 * becomes `error` for the cells concerned.
 */
export class RecordReporter implements Reporter {
  readonly #run: Reported;
  /** The cell of each test that was found, by the test's id, which differs between projects. */
  readonly #known = new Map<string, PlannedCell>();
  readonly #settling: Promise<void>[] = [];
  readonly #running = new Map<PlannedCell, number>();

  constructor(run: Reported) {
    this.#run = run;
  }

  onTestModuleCollected(module: TestModule): void {
    if (module.errors().length > 0) return;
    // What vitest's own filter leaves out was not asked for; a skip in the file is another matter.
    const pattern = module.project.vitest.config.testNamePattern;
    const tests = [...module.children.allTests()].filter((test) => pattern === undefined || test.fullName.match(pattern));
    const names = distinct(tests.map((test) => test.fullName));
    this.#run.book.found(this.#run.ledger, module.project.name, module.moduleId, names);
    const cells = new Map(this.#cellsOf(module).map((cell) => [cell.test, cell]));
    tests.forEach((test, index) => {
      const cell = cells.get(names[index] as string);
      if (cell) this.#known.set(test.id, cell);
    });
  }

  onTestCaseReady(test: TestCase): void {
    const cell = this.#known.get(test.id);
    if (!cell) return;
    this.#running.set(cell, Date.now());
  }

  onUserConsoleLog(log: { readonly content: string }): void {
    this.#run.said?.(log.content);
  }

  onTestCaseResult(test: TestCase): Promise<void> {
    const settling = this.#settle(test);
    this.#settling.push(settling);
    return settling;
  }

  /** Records a test whose machine is kept for people, before they touch it: what they do is no part of the test. */
  onTestPaused({ test, began: started, meta }: PausedTest): void {
    const cell = this.#known.get(test);
    if (!cell) return;
    const durationMs = Date.now() - started;
    const verdict = verdictOf({ state: "failed", errors: [], meta });
    const settling = this.#evidence(cell, meta).then((evidence) =>
      this.#run.ledger.settle(cell, { ...verdict, started: new Date(started).toISOString(), durationMs, evidence }),
    );
    this.#settling.push(settling);
  }

  async #settle(test: TestCase): Promise<void> {
    const cell = this.#known.get(test.id);
    if (!cell) return;
    const started = new Date(test.diagnostic()?.startTime ?? this.#running.get(cell) ?? Date.now());
    this.#running.delete(cell);
    const finished = finishedOf(test);
    const verdict = this.#interrupted(verdictOf(finished));
    this.#run.ledger.settle(cell, {
      ...verdict,
      started: started.toISOString(),
      durationMs: Math.round(test.diagnostic()?.duration ?? 0),
      attempts: Math.max(1, test.attempts().length),
      evidence: await this.#evidence(cell, finished.meta),
    });
  }

  /** A hook of a group failed. Vitest leaves its tests as they were, so nothing else would tell. */
  onTestSuiteResult(suite: TestSuite): void {
    const where = `${relative(process.cwd(), suite.module.moduleId)} › ${suite.fullName}`;
    for (const { message } of suite.errors()) this.#run.stray?.(stripVTControlCharacters(`${where}: a hook failed: ${message}`));
  }

  onTestModuleEnd(module: TestModule): void {
    const errors = module.errors();
    if (errors.length === 0) return;
    const what = relative(process.cwd(), module.moduleId);
    const cells = this.#cellsOf(module);
    const open = new Set(this.#run.ledger.open());
    // Every claim was tried before it: a record cannot be taken back, and must not be relied on.
    if (!cells.some((cell) => open.has(cell))) this.#run.stray?.(stripVTControlCharacters(`${what}: a hook failed: ${errors[0]?.message}`));
    // The file did not load or a hook around its tests failed: none of its open claims can be trusted to run.
    const failure = failureOf({ ...errors[0], message: stripVTControlCharacters(`${what} could not be run: ${errors[0]?.message}`) });
    this.#settleAll(cells, { outcome: "error", failure });
  }

  /** `unhandled` are errors that belong to no test: a worker that died, code that threw after its test had ended. */
  async onTestRunEnd(
    modules: readonly TestModule[],
    unhandled: readonly { readonly message: string; readonly cause?: unknown }[],
  ): Promise<void> {
    // A result that was heard outweighs what is concluded from a worker's death.
    await Promise.all(this.#settling);
    for (const problem of unhandled) {
      const message = stripVTControlCharacters(
        [problem.message, (problem.cause as { message?: string } | undefined)?.message].filter(Boolean).join(" "),
      );
      const concerned = modules.filter((module) => message.includes(module.moduleId));
      for (const module of concerned) this.#workerDied(module, message);
      if (concerned.length === 0) this.#run.stray?.(message);
    }
  }

  #workerDied(module: TestModule, message: string): void {
    const cells = this.#cellsOf(module);
    const flying = cells.filter((cell) => this.#running.has(cell));
    const failure = { message: `The test's worker process died: ${message}`, details: {} };
    for (const cell of flying) {
      const since = this.#running.get(cell) ?? Date.now();
      this.#settleAll([cell], { outcome: "error", failure, started: new Date(since).toISOString(), durationMs: Date.now() - since });
    }
    if (flying.length === 0) this.#settleAll(cells, { outcome: "error", failure });
    this.#settleAll(cells, { outcome: "not-run", reason: "the worker process died in an earlier test of this suite" });
  }

  #settleAll(cells: readonly PlannedCell[], verdict: Verdict): void {
    for (const cell of cells) this.#run.ledger.settle(cell, this.#interrupted(verdict));
  }

  /** What an aborted test says of its image is worth nothing; a pass that was complete stands. */
  #interrupted(verdict: Verdict): Verdict {
    const reason = this.#run.interrupted();
    const kept: readonly Outcome[] = ["pass", "not-applicable"];
    if (reason === undefined || kept.includes(verdict.outcome)) return verdict;
    return { outcome: "not-run", reason, ...(verdict.machines && { machines: verdict.machines }) };
  }

  async #evidence(cell: PlannedCell, meta: CellMeta | undefined) {
    const { ledger, machineOpen } = this.#run;
    if (meta?.evidenceFolder === undefined) return [];
    if (!machineOpen(meta.cell ?? basename(meta.evidenceFolder))) return listEvidence(ledger.folder, meta.evidenceFolder);
    // Another name than the machine's own folder has.
    const { image, target, suite, test } = cellOf(cell);
    const name = ofAttempt(cellName(`${image} × ${target}`, suite, test), this.#run.attempt);
    const frozen = join(dirname(meta.evidenceFolder), name);
    await freezeEvidence(meta.evidenceFolder, frozen);
    return listEvidence(ledger.folder, frozen);
  }

  #cellsOf(module: TestModule): readonly PlannedCell[] {
    return this.#run.book.cells(module.project.name, module.moduleId);
  }
}
