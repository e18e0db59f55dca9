import path from "node:path";
import { cellName } from "../model/cell.ts";
import type { WorkerContext } from "../model/context.ts";
import { Disposal } from "../model/disposal.ts";
import { HarnessError } from "../model/errors.ts";
import type { CellMeta } from "../model/meta.ts";
import type { Failure, FoundCapability } from "../model/record.ts";
import type { Machine, Moment } from "../machine/machine.ts";
import type { Clock, Start } from "./start.ts";
import { seenError, type SeenError } from "../model/thrown.ts";
import { takeEarly } from "./early.ts";
import { classify, type Classified } from "./failure.ts";

export interface CellNames {
  /** The suite's name, or the file's for tests written in TypeScript. */
  readonly suite: string;
  readonly test: string;
  readonly attempt: number;
}

export interface OpenWish {
  /** It may be saved. */
  readonly savable?: boolean;
  /** Why it is not what its test would have been given: for the record. */
  readonly why?: string | undefined;
  /** What its guest takes the time for, if it is forked; by default what it was when it was saved. */
  readonly clock?: Clock;
}

/** One test of one image in one target, while it runs: owns its machines and finds its outcome. */
export class Cell implements AsyncDisposable {
  readonly signal: AbortSignal;
  readonly #context: WorkerContext | undefined;
  readonly #names: CellNames;
  readonly #machines: Machine[] = [];
  readonly #owned = new Disposal();
  readonly #capabilities = new Map<string, FoundCapability>();
  #judged: Classified | undefined;

  constructor(context: WorkerContext | undefined, names: CellNames, signal: AbortSignal) {
    this.#context = context;
    this.#names = names;
    this.signal = signal;
  }

  /** Image, target and run of this worker. Throws HarnessError when vitest was started without them. */
  get context(): WorkerContext {
    if (this.#context) return this.#context;
    throw new HarnessError("OSB_NO_CONTEXT", "this test needs an image and a target, and vitest was started without them", {
      hint: "Start it with `osbench run`, which provides them.",
    });
  }

  /** Opens a machine that is this test's alone, off (if wished so that it may be saved), or booted if one can be forked; it is disposed with the test. */
  async open(start: Start = "off", options: OpenWish = {}): Promise<Machine> {
    return await this.#take(() => openMachineOf(this.context, this.#words(), this.signal, start, options));
  }

  /** Makes a machine of a saved one that is this test's alone; it is disposed with the test. Throws HarnessError `OSB_MOMENT` if it cannot be restored. */
  async fork(moment: Moment, options: OpenWish): Promise<Machine> {
    const { image, target } = this.context;
    const cell = cellName(image.name, target.target, ...this.#words());
    return await this.#take(() => moment.fork({ ...options, cell, signal: this.signal }));
  }

  #words(): string[] {
    const number = this.#machines.length === 0 ? [] : [`machine ${this.#machines.length + 1}`];
    const again = this.#names.attempt === 0 ? [] : [`attempt ${this.#names.attempt + 1}`];
    return [this.#names.suite, this.#names.test, ...number, ...again];
  }

  /** A machine is this test's from its first moment: the test may be over before it is there. */
  async #take(open: () => Promise<Machine>): Promise<Machine> {
    this.signal.throwIfAborted();
    const opening = open();
    this.#owned.defer(async () => await (await opening.catch(() => undefined))?.[Symbol.asyncDispose]());
    const machine = await opening;
    this.#machines.push(machine);
    return machine;
  }

  /** The machines this test has used so far. */
  get machines(): readonly Machine[] {
    return this.#machines;
  }

  /** Counts a machine somebody else owns as used by this test. */
  borrow(machine: Machine): void {
    this.#machines.push(machine);
  }

  /** Notes what the test needs and how that was found. What a running machine says replaces what the manifests said. */
  found(capability: FoundCapability): void {
    this.#capabilities.set(capability.name, capability);
  }

  /** Runs when the test ends, before its machines are given back. */
  defer(release: () => unknown): void {
    this.#owned.defer(release);
  }

  /** Notes what became of the test; the first note counts. */
  judge(judged: Classified): void {
    this.#judged ??= judged;
  }

  /** Where the failure stands, once it has been judged. */
  get judged(): Classified | undefined {
    return this.#judged;
  }

  /** What to record, given the errors vitest saw. Call before disposal, which forgets the machines. */
  conclude(errors: readonly SeenError[], skipped: string | undefined, extra: Pick<CellMeta, "suite" | "suiteDigest">): CellMeta {
    const folder = this.#machines[0]?.evidenceFolder;
    return {
      ...extra,
      ...(folder === undefined ? {} : { cell: path.basename(folder), evidenceFolder: folder }),
      machines: this.#machines.map((machine) => machine.use()),
      ...(this.#capabilities.size > 0 && { capabilities: [...this.#capabilities.values()] }),
      ...this.#outcome(errors, skipped),
    };
  }

  #outcome(errors: readonly SeenError[], skipped: string | undefined): Classified {
    if (this.signal.aborted) return interrupted(this.signal.reason, this.#judged?.failure);
    if (this.#judged) return this.#judged;
    if (errors.length > 0) return classify(errors[0]!);
    return skipped === undefined ? { outcome: "pass" } : { outcome: "not-run", reason: skipped };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#owned[Symbol.asyncDispose]();
  }
}

/** A cancelled run leaves its tests not run; a test that vitest had to time out is our fault, for the verbs' own deadlines come first. */
function interrupted(reason: unknown, failure: Failure | undefined): Classified {
  const error = seenError(reason);
  const message = error.message ?? "no reason given";
  if (!/Timeout/.test(error.name ?? "")) return { outcome: "not-run", reason: `cancelled: ${message}` };
  return { outcome: "error", reason: `${error.name}: ${message}`, failure: failure ?? { message, details: {} } };
}

/** Opens a machine in an evidence folder named after the words: off, or, if `booted` is wished for and one can be forked, ready. */
export async function openMachineOf(
  context: WorkerContext,
  words: readonly string[],
  signal: AbortSignal,
  start: Start = "off",
  wish: OpenWish = {},
): Promise<Machine> {
  const early = await takeEarly(context, words, signal, start, wish);
  if (early) return early;
  // Loaded only here: a module that only lists its tests should not pay for QEMU, SSH and terminals.
  const { savable = false, why, clock = "saved" } = wish;
  const options = { cell: cellName(context.image.name, context.target.target, ...words), signal };
  if (start === "booted") return (await import("../machine/moments/booted.ts")).openBooted(context, { ...options, savable, why, clock });
  return (await import("../machine/open.ts")).openMachine(context, { ...options, savable, why });
}
