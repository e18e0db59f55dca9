import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Reporter, TestCase, TestModule, TestProject, TestSpecification, TestSuite } from "vitest/node";
import type { RunProvenance } from "../model/record.ts";
import { Book } from "./book.ts";
import { openBus, type Bus } from "./bus.ts";
import { subjectOf } from "./cell.ts";
import { Ledger } from "./ledger.ts";
import { Plan, type PlannedSuite } from "./plan.ts";
import { provenanceFile, writeProvenance } from "./provenance.ts";
import { RecordReporter } from "./reporter.ts";
import { readSuites } from "./suites.ts";

interface Session {
  readonly project: TestProject;
  readonly ledger: Ledger;
  readonly reporter: RecordReporter;
  /** What went wrong outside of any test. */
  readonly problems: string[];
}

/** Writes records for the suite projects of a plain `vitest` run, one run directory each; leaves every other project alone. */
export class SuiteReporter implements Reporter {
  readonly #sessions = new Map<string, Session>();
  readonly #suites = new Map<string, readonly PlannedSuite[]>();
  #bus: Bus | undefined;

  async onTestRunStart(specifications: readonly TestSpecification[]): Promise<void> {
    this.#sessions.clear();
    const ours = specifications.filter(({ project }) => project.getProvidedContext().osbenchProject !== undefined);
    if (ours.length === 0) return;
    this.#bus ??= await openBus();
    for (const [project, own] of Map.groupBy(ours, (specification) => specification.project)) {
      project.provide("osbenchBus", this.#bus.path);
      this.#suites.set(project.name, await plannedSuites(own.map(({ moduleId }) => moduleId)));
    }
  }

  onTestModuleCollected(module: TestModule): void {
    this.#session(module.project)?.reporter.onTestModuleCollected(module);
  }

  onTestCaseReady(test: TestCase): void {
    this.#session(test.project)?.reporter.onTestCaseReady(test);
  }

  async onTestCaseResult(test: TestCase): Promise<void> {
    await this.#session(test.project)?.reporter.onTestCaseResult(test);
  }

  onTestSuiteResult(suite: TestSuite): void {
    this.#session(suite.project)?.reporter.onTestSuiteResult(suite);
  }

  onTestModuleEnd(module: TestModule): void {
    this.#session(module.project)?.reporter.onTestModuleEnd(module);
  }

  async onTestRunEnd(
    modules: readonly TestModule[],
    unhandled: readonly { readonly message: string; readonly cause?: unknown }[],
  ): Promise<void> {
    for (const { project, reporter, ledger, problems } of this.#sessions.values()) {
      await reporter.onTestRunEnd(
        modules.filter((module) => module.project === project),
        unhandled,
      );
      ledger.finish("vitest ended before this cell was reached");
      const started = JSON.parse(await readFile(join(ledger.folder, provenanceFile), "utf8")) as RunProvenance;
      const suites = [...new Set(ledger.records.map(({ suite }) => suite.file))];
      const finished = new Date().toISOString();
      await writeProvenance(ledger.folder, {
        ...{ ...started, suites, planned: ledger.planned, finished },
        ...(problems.length > 0 && { problems }),
      });
    }
    await this.#bus?.[Symbol.asyncDispose]();
    this.#bus = undefined;
  }

  /** The project's run, from the moment its setup has provided one. */
  #session(project: TestProject): Session | undefined {
    const known = this.#sessions.get(project.name);
    if (known) return known;
    const { osbench: context, osbenchFirmware: firmware } = project.getProvidedContext();
    if (!this.#suites.has(project.name) || context === undefined) return undefined;
    const { run, runFolder, image, target } = context;
    const combination = { project: project.name, image: image.manifest, target };
    const book = new Book(
      new Plan([combination], this.#suites.get(project.name) ?? []),
      new Map([[project.name, subjectOf(context, firmware)]]),
    );
    const ledger = new Ledger(run, runFolder);
    ledger.plan(book.cellsOfProject(project.name));
    const problems: string[] = [];
    const reporter = new RecordReporter({
      ledger,
      book,
      interrupted: () => undefined,
      machineOpen: (cell) => this.#bus?.isOpen(cell) ?? false,
      stray: (message) => void problems.push(message),
    });
    const session = { project, ledger, reporter, problems };
    this.#sessions.set(project.name, session);
    return session;
  }
}

/** A suite with a mistake is vitest's to show: its module does not load. */
async function plannedSuites(files: readonly string[]): Promise<PlannedSuite[]> {
  const read = await Promise.all([...new Set(files)].map((file) => readSuites([file]).catch(() => [])));
  return read.flat().map((suite) => ({ ...suite, tests: suite.tests ?? [] }));
}
