import { join } from "node:path";
import { PassThrough } from "node:stream";
import { createVitest, BaseSequencer, type Reporter, type TestProject, type TestSpecification, type Vitest } from "vitest/node";
import type { ViteUserConfig } from "vitest/config";
import { cacheFolder } from "../host/cache.ts";
import { ownFolder } from "../host/place.ts";
import type { WorkerContext } from "../model/context.ts";
import { suitePlugin } from "../suite/plugin.ts";
import { suiteAliases, suiteTestOptions } from "./options.ts";
import { withoutNewHandlers } from "./interrupt.ts";

export interface EngineOptions {
  readonly projects: readonly string[];
  readonly reporters: readonly Reporter[];
  /** Only tests whose full name contains this run. */
  readonly filter?: string | undefined;
  /** Absolute paths of all suite files. */
  readonly files: readonly string[];
  /** Milliseconds a file should take in a project; undefined if unknown. */
  readonly expected: (project: string, file: string) => number | undefined;
}

export interface EngineRun {
  readonly machines: number;
  readonly signal: AbortSignal;
  /** How long machines may take to close after an interruption, in milliseconds. */
  readonly graceMs?: number | undefined;
  readonly wanted: (project: string, file: string) => boolean;
}

/** vitest, set up to run suite files in one project an image x target, without any configuration file and without its own output. */
export class Engine implements AsyncDisposable {
  readonly #vitest: Vitest;
  readonly #files: readonly string[];

  private constructor(vitest: Vitest, files: readonly string[]) {
    this.#vitest = vitest;
    this.#files = files;
  }

  static async open({ projects, reporters, filter, files, expected }: EngineOptions): Promise<Engine> {
    const silence = new PassThrough().resume();
    class LongestFirst extends BaseSequencer {
      override sort(specifications: TestSpecification[]): Promise<TestSpecification[]> {
        // What nobody has timed yet may be the longest.
        const cost = ({ project, moduleId }: TestSpecification) => expected(project.name, moduleId) ?? Infinity;
        return Promise.resolve([...specifications].sort((a, b) => (cost(a) === cost(b) ? 0 : cost(b) - cost(a))));
      }
    }
    const config: ViteUserConfig = {
      cacheDir: join(cacheFolder(), "vite"),
      plugins: [suitePlugin()],
      resolve: { alias: suiteAliases },
      test: {
        ...suiteTestOptions,
        reporters: [...reporters],
        sequence: { sequencer: LongestFirst },
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
    return new Engine(vitest, files);
  }

  /** The tests a file's text holds, by full name, without running it; what keeps it from being read, as text. */
  async readTests(file: string): Promise<{ tests: string[]; problem: string | undefined }> {
    const [module] = await this.#vitest.parseSpecifications([this.#project().createSpecification(file)]);
    if (!module) return { tests: [], problem: "vitest could not read it" };
    return { tests: [...module.children.allTests()].map((test) => test.fullName), problem: module.errors()[0]?.message };
  }

  /**
   * Runs the wanted files in each of the given projects, on at most `machines` workers. Resolves when all is over. When `signal` aborts, tests in flight
   * are told and have `graceMs` to close their machines; then their workers are ended, and the machines die with them.
   */
  async run(contexts: ReadonlyMap<string, WorkerContext>, { machines, signal, graceMs = 60_000, wanted }: EngineRun): Promise<void> {
    const specifications: TestSpecification[] = [];
    for (const [name, context] of contexts) {
      const project = this.#project(name);
      project.provide("osbench", context);
      for (const file of this.#files) if (wanted(name, file)) specifications.push(project.createSpecification(file));
    }
    // All projects share one pool, which insists that they agree on its size.
    for (const project of this.#vitest.projects) project.config.maxWorkers = machines;
    if (signal.aborted || specifications.length === 0) return;
    let grace: NodeJS.Timeout | undefined;
    const cancel = () => {
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
