import type { Reporter } from "vitest/node";
import type { WorkerContext } from "../model/context.ts";
import { failureOf } from "../model/thrown.ts";
import { hardware } from "../host/hardware.ts";
import { Book } from "./book.ts";
import { openBus } from "./bus.ts";
import { capacityOf } from "./capacity.ts";
import { subjectOf, type Subject } from "./cell.ts";
import type { Engine } from "./engine.ts";
import type { Expectations } from "./expectations.ts";
import type { Interruption } from "./interrupt.ts";
import type { Ledger } from "./ledger.ts";
import type { Pauses } from "./pause.ts";
import type { Plan } from "./plan.ts";
import { spoiltByHost } from "./spoilt.ts";
import { contextOf, type Prepared } from "./prepare.ts";
import { RecordReporter, type PausedTest, type Reported } from "./reporter.ts";
import { estimator } from "./schedule/estimate.ts";
import { Gate } from "./schedule/gate.ts";
import { Progress } from "./schedule/progress.ts";
import { firstMachine } from "./schedule/first.ts";
import { endSpareWorker, tellSpareWorker } from "./schedule/spare.ts";
import { longestFirst } from "./schedule/simulate.ts";
import type { Room } from "./schedule/room.ts";
import { jobOf, unitsOf, type Unit } from "./schedule/unit.ts";
import type { View } from "./view/view.ts";
import { cellOfRecord, machinesWords } from "./view/words.ts";

/** Workers that are started before a machine is free for them, so that their start is not waited for. */
const ahead = 2;

export interface Execution {
  readonly plan: Plan;
  readonly prepared: readonly Prepared[];
  readonly ledger: Ledger;
  /** Gives vitest, which takes as long to load as the first machine to start. */
  readonly engine: () => Promise<Engine>;
  /** The one that stands in the engine. */
  readonly reporter: LateReporter;
  readonly expectations: Expectations;
  readonly interruption: Pick<Interruption, "signal" | "reason">;
  readonly view: View;
  readonly workers: number | undefined;
  /** How often a suite is tried again after an error of the emulator or the host. */
  readonly retries: number;
  /** How long machines may take to close after an interruption, in milliseconds. */
  readonly graceMs?: number;
  /** Lets a person end pauses, if tests that fail are to be paused. */
  readonly pauses?: Pick<Pauses, "hear"> | undefined;
  readonly base: Pick<WorkerContext, "run" | "runFolder" | "tools" | "pause" | "signatures" | "fresh">;
}

export interface Executed {
  /** What went wrong outside of any cell: code that threw when its test was over. */
  readonly problems: readonly string[];
  /** What there was for machines. */
  readonly room: Room;
}

/** Runs every planned cell and settles each of them. */
export async function execute(execution: Execution): Promise<Executed> {
  const { plan, prepared, ledger, engine, expectations, interruption, view } = execution;
  const book = new Book(plan, new Map(prepared.map((one) => [one.combination.project, subjectFor(one)])));
  for (const { project } of plan.combinations) ledger.plan(book.cellsOfProject(project));
  settleUnprepared(prepared, book, ledger);
  const ready = prepared.filter((one) => "image" in one);
  const estimate = estimator(expectations, plan);
  const accelerators = new Map(ready.map(({ combination, accelerator }) => [combination.project, accelerator]));
  const startable = { combinations: ready.map(({ combination }) => combination), suitesOf: plan.suitesOf.bind(plan) };
  const units = longestFirst(unitsOf(startable, estimate, ({ project }) => accelerators.get(project) ?? "tcg"));
  const { cores, availableMiB } = await hardware();
  const { room, reason } = capacityOf({ jobs: units, cores, freeMiB: availableMiB, workers: execution.workers });
  const progress = new Progress(units, room, estimate);
  const gate = new Gate(room, room.machines + ahead, progress);
  const bus = await openBus();
  const problems: string[] = [];
  try {
    bus.on((event) => {
      if (event.type === "paused") execution.reporter.onTestPaused(event);
      execution.pauses?.hear(event);
      view.event(event);
    });
    ledger.onRecord((record) => progress.settled(cellOfRecord(record), Date.now()));
    if (units.length > 0) view.note(`${machinesWords(room.machines)} at a time: ${reason}`);
    view.planned({
      cells: ledger.planned.length,
      guessed: units.reduce((sum, unit) => sum + unit.cells.length - unit.timed, 0),
      remainingMs: () => progress.remaining(Date.now()),
    });
    let wanted: readonly Unit[] = units;
    for (let attempt = 1; ; attempt++) {
      execution.reporter.start({
        ledger,
        book,
        attempt,
        interrupted: () => interruption.reason(),
        machineOpen: (cell) => bus.isOpen(cell),
        said: (text) => view.note(text),
        stray: (message) => problems.push(message),
      });
      const base = { ...execution.base, bus: bus.path, attempt };
      const contexts = new Map(ready.map((one) => [one.combination.project, contextOf(one, base)]));
      if (attempt === 1) await startFirst(units[0], contexts);
      await (
        await engine()
      ).run(contexts, {
        ...{ units: wanted, gate, workers: room.machines + ahead },
        ...{ signal: interruption.signal, graceMs: execution.graceMs },
      });
      const again = interruption.signal.aborted || attempt > execution.retries ? [] : spoiltByHost(plan, book, ledger);
      if (again.length === 0) break;
      for (const { project, suite, why } of again) {
        view.note(`${suite.source.name} on ${project} is tried once more: ${why}`);
        ledger.reopen(book.cells(project, suite.file));
      }
      wanted = units.filter(({ project, file }) => again.some((one) => one.project === project && one.suite.file === file));
    }
  } finally {
    await endSpareWorker();
    await bus[Symbol.asyncDispose]();
  }
  return { problems, room };
}

/** Has the machine of what starts first started, if its suite says which, by the worker that was started early. */
async function startFirst(unit: Unit | undefined, contexts: ReadonlyMap<string, WorkerContext>): Promise<void> {
  const context = unit && contexts.get(unit.project);
  // What is wrong with the suite is said when it is run.
  const request = unit && context && (await firstMachine(unit, context).catch(() => undefined));
  tellSpareWorker({ request }, unit ? jobOf(unit) : "");
}

/** Enters all cells of a run whose preparation never ended, so that they are recorded as not run. */
export function planUnprepared(plan: Plan, ledger: Ledger): void {
  if (ledger.planned.length > 0) return;
  const book = new Book(plan, new Map(plan.combinations.map((combination) => [combination.project, subjectFor({ combination })])));
  for (const { project } of plan.combinations) ledger.plan(book.cellsOfProject(project));
}

/** Cells that cannot be tried are known before any machine starts. */
function settleUnprepared(prepared: readonly Prepared[], book: Book, ledger: Ledger): void {
  for (const one of prepared) {
    for (const cell of book.cellsOfProject(one.combination.project)) {
      if ("misfit" in one) ledger.settle(cell, { outcome: "not-applicable", reason: one.misfit });
      if ("failure" in one) ledger.settle(cell, { outcome: "error", failure: failureOf(one.failure) });
    }
  }
}

function subjectFor(prepared: Prepared | Pick<Prepared, "combination">): Subject {
  const { image, target } = prepared.combination;
  if ("image" in prepared) return subjectOf({ image: prepared.image, target, accelerator: prepared.accelerator }, prepared.firmware);
  const version = image.versions[0]?.version ?? "";
  return {
    image: { name: image.image, version, digest: "", form: image.form },
    target: { name: target.target, kind: "unknown", arch: target.arch, machine: target.machine, accelerator: "none" },
  };
}

/** Stands among vitest's reporters from the start and passes on what it hears once the run is known. */
export class LateReporter implements Reporter {
  #reporter: RecordReporter | undefined;

  start(run: Reported): void {
    this.#reporter = new RecordReporter(run);
  }

  onTestModuleCollected: NonNullable<Reporter["onTestModuleCollected"]> = (module) => this.#reporter?.onTestModuleCollected(module);
  onTestPaused(paused: PausedTest): void {
    this.#reporter?.onTestPaused(paused);
  }

  onTestCaseReady: NonNullable<Reporter["onTestCaseReady"]> = (test) => this.#reporter?.onTestCaseReady(test);
  onTestCaseResult: NonNullable<Reporter["onTestCaseResult"]> = (test) => this.#reporter?.onTestCaseResult(test);
  onTestSuiteResult: NonNullable<Reporter["onTestSuiteResult"]> = (suite) => this.#reporter?.onTestSuiteResult(suite);
  onTestModuleEnd: NonNullable<Reporter["onTestModuleEnd"]> = (module) => this.#reporter?.onTestModuleEnd(module);
  onUserConsoleLog: NonNullable<Reporter["onUserConsoleLog"]> = (log) => this.#reporter?.onUserConsoleLog(log);
  onTestRunEnd: NonNullable<Reporter["onTestRunEnd"]> = (modules, unhandled) => this.#reporter?.onTestRunEnd(modules, unhandled);
}
