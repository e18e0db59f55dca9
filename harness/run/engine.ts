import { join } from "node:path";
import { PassThrough } from "node:stream";
import {
  createVitest,
  BaseSequencer,
  type PoolRunnerInitializer,
  type Reporter,
  type TestProject,
  type TestSpecification,
  type Vitest,
} from "vitest/node";
import type { ViteUserConfig } from "vitest/config";
import { cacheFolder } from "../host/cache.ts";
import { ownFolder } from "../host/place.ts";
import type { WorkerContext } from "../model/context.ts";
import { suitePlugin } from "../suite/plugin.ts";
import { suiteAliases, suiteTestOptions } from "./options.ts";
import { withoutNewHandlers } from "./interrupt.ts";
import type { Gate } from "./schedule/gate.ts";
import { jobOf, type Unit } from "./schedule/unit.ts";
import { GatedWorker } from "./schedule/worker.ts";

export interface EngineOptions {
  readonly projects: readonly string[];
  readonly reporters: readonly Reporter[];
  /** Only tests whose full name contains this run. */
  readonly filter?: string | undefined;
}

export interface EngineRun {
  /** What to run, in this order. */
  readonly units: readonly Unit[];
  /** Lets each of them start. */
  readonly gate: Gate;
  /** How many of them stand at the gate or run at once. */
  readonly workers: number;
  readonly signal: AbortSignal;
  /** How long machines may take to close after an interruption, in milliseconds. */
  readonly graceMs?: number | undefined;
}

/** What starts first is decided by whoever runs the units. */
class AsGiven extends BaseSequencer {
  override sort(specifications: TestSpecification[]): Promise<TestSpecification[]> {
    return Promise.resolve(specifications);
  }
}

/** vitest, set up to run suite files in one project an image x target, without any configuration file and without its own output. */
export class Engine implements AsyncDisposable {
  readonly #vitest: Vitest;
  readonly #at: { gate?: Gate };

  private constructor(vitest: Vitest, at: { gate?: Gate }) {
    this.#vitest = vitest;
    this.#at = at;
  }

  static async open({ projects, reporters, filter }: EngineOptions): Promise<Engine> {
    const silence = new PassThrough().resume();
    const at: { gate?: Gate } = {};
    const pool: PoolRunnerInitializer = {
      name: "osbench",
      createPoolWorker: (options) => new GatedWorker(options, () => at.gate as Gate),
    };
    const config: ViteUserConfig = {
      cacheDir: join(cacheFolder(), "vite"),
      plugins: [suitePlugin()],
      resolve: { alias: suiteAliases },
      test: {
        ...suiteTestOptions,
        // What vitest would remember of earlier runs, for ever and for every file, is only used to order them.
        cache: false,
        pool,
        reporters: [...reporters],
        sequence: { sequencer: AsGiven },
        projects: projects.map((name) => ({ extends: true, test: { name, include: [] } })),
      },
    };
    const options = {
      config: false as const,
      watch: false,
      root: ownFolder,
      passWithNoTests: true,
      // A forgotten `.only` would silently leave claims out.
      allowOnly: false,
      ...(filter && { testNamePattern: filter.replace(/[.*+?^${}()|[\]\\]/g, "\\$&") }),
    };
    const vitest = await withoutNewHandlers(() => createVitest(options, config, { stdout: silence, stderr: silence }));
    // Reporters are only greeted here: `start` would do it, but also look for files by pattern and set the exit code.
    await vitest.standalone();
    return new Engine(vitest, at);
  }

  /** The tests a file's text holds, by full name, without running it; what keeps it from being read, as text. */
  async readTests(file: string): Promise<{ tests: string[]; problem: string | undefined }> {
    const [module] = await this.#vitest.parseSpecifications([this.#project().createSpecification(file)]);
    if (!module) return { tests: [], problem: "vitest could not read it" };
    return { tests: [...module.children.allTests()].map((test) => test.fullName), problem: module.errors()[0]?.message };
  }

  /**
   * Runs files in the given projects, each once the gate lets it. Resolves when all is over. When `signal` aborts, nothing more is started, tests in
   * flight are told and have `graceMs` to close their machines; then their workers are ended, and the machines die with them.
   */
  async run(contexts: ReadonlyMap<string, WorkerContext>, { units, gate, workers, signal, graceMs = 60_000 }: EngineRun): Promise<void> {
    for (const [name, context] of contexts) this.#project(name).provide("osbench", context);
    const specifications = units.map(({ project, file }) => this.#project(project).createSpecification(file));
    // All projects share one pool, which insists that they agree on its size.
    for (const project of this.#vitest.projects) project.config.maxWorkers = workers;
    if (signal.aborted || specifications.length === 0) return;
    this.#at.gate = gate;
    gate.lineUp(units.map((unit) => ({ ...unit, job: jobOf(unit) })));
    let grace: NodeJS.Timeout | undefined;
    const cancel = () => {
      gate.close(signal.reason as Error);
      void this.#vitest.cancelCurrentRun("keyboard-input");
      // Cancelling what is being cancelled ends the workers by force.
      grace = setTimeout(() => void this.#vitest.cancelCurrentRun("keyboard-input"), graceMs);
    };
    signal.addEventListener("abort", cancel, { once: true });
    try {
      await withoutNewHandlers(() => this.#vitest.runTestSpecifications(specifications));
    } finally {
      clearTimeout(grace);
      signal.removeEventListener("abort", cancel);
      // vitest marks the process as failed; the exit code of a run is decided from its records.
      process.exitCode = undefined;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#vitest.close();
    process.exitCode = undefined;
  }

  #project(name?: string): TestProject {
    const found = this.#vitest.projects.find((project) => name === undefined || project.name === name);
    if (!found) throw new Error(`no vitest project "${name}"`);
    return found;
  }
}
