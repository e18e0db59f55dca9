import type { ChildProcess } from "node:child_process";
import { ForksPoolWorker, type PoolOptions, type PoolWorker, type WorkerRequest } from "vitest/node";
import { sweep } from "../../host/workspace.ts";
import type { Gate } from "./gate.ts";
import { keepPromise } from "./promise.ts";
import { takeSpareWorker } from "./spare.ts";
import { jobOf } from "./unit.ts";

type Listener = (message: unknown) => void;

/**
 * vitest's own worker, a process of its own, whose file is run only once the gate lets it: vitest knows a number of workers, but neither the memory
 * of machines nor which file is longest. The process starts before, so that it need not be waited for when its turn comes.
 */
export class GatedWorker extends ForksPoolWorker implements PoolWorker {
  readonly #project: string;
  readonly #gate: () => Gate;
  readonly #listeners = new Set<Listener>();
  #spare: ChildProcess | undefined;
  #job: string | undefined;
  #told = false;

  constructor(options: PoolOptions, gate: () => Gate) {
    super(options);
    this.#project = options.project.name;
    this.#gate = gate;
  }

  override on(event: string, callback: Listener): void {
    if (event === "message") this.#listeners.add(callback);
    super.on(event, callback);
  }

  override off(event: string, callback: Listener): void {
    this.#listeners.delete(callback);
    super.off(event, callback);
  }

  override async start(): Promise<void> {
    // vitest's declaration keeps these to itself, and leaves alone what is there already.
    const own = this as unknown as { _fork?: ChildProcess; entrypoint: string; execArgv: string[]; env: Partial<NodeJS.ProcessEnv> };
    this.#spare = takeSpareWorker(own);
    if (this.#spare) own._fork ??= this.#spare;
    await super.start();
  }

  override send(message: WorkerRequest): void {
    if (message.type !== "run") return super.send(message);
    const [file] = message.context.files;
    const job = jobOf({ project: this.#project, file: file?.filepath ?? "" });
    this.#job = job;
    this.#told = true;
    super.on("message", (answer: { readonly type?: string }) => {
      if (answer.type === "testfileFinished") this.#leave();
    });
    super.on("exit", () => this.#leave());
    this.#gate()
      .enter(job)
      .then(
        () => this.#run(job, message),
        // The run is over for this file, which nothing was started of: vitest waits for this answer to go on.
        () => this.#answer({ __vitest_worker_response__: true, type: "testfileFinished" }),
      );
  }

  #run(job: string, message: WorkerRequest): void {
    try {
      keepPromise(job, this.#spare);
    } catch (error) {
      return this.#answer({ __vitest_worker_response__: true, type: "testfileFinished", error });
    }
    super.send(message);
  }

  override async stop(): Promise<void> {
    // One that could not even start was never told its file.
    if (!this.#told) this.#gate().lost();
    this.#leave();
    await super.stop();
    // A machine that was started early and that no test has asked for ends with its process.
    if (this.#spare) await sweep();
  }

  #leave(): void {
    if (this.#job !== undefined) this.#gate().leave(this.#job);
    this.#job = undefined;
  }

  #answer(message: unknown): void {
    for (const listener of this.#listeners) listener(message);
  }
}
