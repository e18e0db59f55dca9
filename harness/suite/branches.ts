import type { Machine, Moment } from "../machine/machine.ts";
import { Disposal } from "../model/disposal.ts";
import type { WorkerContext } from "../model/context.ts";
import { NotApplicable, OsbenchError } from "../model/errors.ts";

/** A moment that machines are forked from, and what steps had remembered by then. */
export interface Kept {
  readonly kind: "kept";
  readonly moment: Moment;
  readonly memory: ReadonlyMap<string, unknown>;
}

/** What became of a moment: kept; impossible to keep, so that who starts from it repeats the steps; not got to; or not to be had of this image and target. */
type Fate =
  | Kept
  | { readonly kind: "repeated"; readonly why: string }
  | { readonly kind: "missed"; readonly why: string }
  | { readonly kind: "ruled-out"; readonly error: NotApplicable };

/** The moments a suite's tests make for those after them. They last as long as the suite runs. */
export class Branches implements AsyncDisposable {
  readonly #fates = new Map<string, Fate>();
  readonly #lost = new Map<string, string>();
  readonly #kept = new Set<Moment>();
  readonly #owned = new Disposal();

  /** Undefined where no test has come to it, or what was kept could not be restored. */
  fate(name: string): Fate | undefined {
    return this.#fates.get(name);
  }

  /** Why there is nothing to fork, of a moment without a fate. */
  whyNone(name: string): string {
    return this.#lost.get(name) ?? `no test of this run has made the moment \`${name}\``;
  }

  /** Saves the machine, which goes on. That it cannot be kept is no reason to stop: the tests after it repeat the steps, and their records say why. */
  async keep(name: string, { machine, memory, context, again }: Keeping): Promise<void> {
    const before = this.#fates.get(name)?.kind;
    if (before === "kept" || before === "repeated") return;
    const why = await whyNot(context);
    if (why !== undefined) return void this.#fates.set(name, { kind: "repeated", why });
    try {
      const moment = await machine.save(name, { again });
      this.#kept.add(moment);
      this.#owned.defer(() => this.#giveBack(moment));
      this.#fates.set(name, { kind: "kept", moment, memory: new Map(memory) });
    } catch (error) {
      if (!(error instanceof OsbenchError) || machine.phase !== "ready") throw error;
      const said = error instanceof NotApplicable ? error.message.replace(/^fork: /, "") : error.message;
      this.#fates.set(name, { kind: "repeated", why: `the moment \`${name}\` could not be kept: ${said}` });
    }
  }

  /** Why no test can start from the moment; undefined if one can. Throws NotApplicable where it is not to be had of this image and target. */
  whyMissed(name: string | undefined): string | undefined {
    const fate = name === undefined ? undefined : this.#fates.get(name);
    if (fate?.kind === "ruled-out") throw fate.error;
    return fate?.kind === "missed" ? fate.why : undefined;
  }

  /** The test that was to make the moments ended before it did, if it says why. What was made already stays. */
  missed(names: readonly string[], why: string | undefined): void {
    for (const name of names) if (why !== undefined && !this.#fates.has(name)) this.#fates.set(name, { kind: "missed", why });
  }

  /** Runs a test that makes the moments: where it does not apply before it comes to them, nothing that starts from them does. */
  async ruling(names: readonly string[], run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      if (error instanceof NotApplicable)
        for (const name of names) if (!this.#fates.has(name)) this.#fates.set(name, { kind: "ruled-out", error });
      throw error;
    }
  }

  /** A test that makes the moments is tried once more. */
  retry(names: readonly string[]): void {
    for (const name of names) if (["missed", "ruled-out"].includes(this.#fates.get(name)?.kind ?? "")) this.#fates.delete(name);
  }

  /** What was kept is of no use: whoever needs the moment next makes it anew. */
  async lose(name: string, why: string): Promise<void> {
    const fate = this.#fates.get(name);
    this.#fates.delete(name);
    this.#lost.set(name, `${why}; it was thrown away`);
    if (fate?.kind === "kept") await this.#giveBack(fate.moment);
  }

  /** Runs when the suite has ended: what forks may still need is given back no earlier. */
  defer(release: () => unknown): void {
    this.#owned.defer(release);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#owned[Symbol.asyncDispose]();
  }

  async #giveBack(moment: Moment): Promise<void> {
    if (this.#kept.delete(moment)) await moment[Symbol.asyncDispose]();
  }
}

interface Keeping {
  readonly machine: Machine;
  readonly memory: ReadonlyMap<string, unknown>;
  readonly context: WorkerContext;
  /** The machine is to be kept once more later. */
  readonly again: boolean;
}

async function whyNot(context: WorkerContext): Promise<string | undefined> {
  if (context.fresh) return "the run was asked to boot every machine afresh";
  // Loaded only here: a module that only lists its tests should not pay for QEMU.
  return (await import("../machine/moments/booted.ts")).roomForMoment(context);
}
