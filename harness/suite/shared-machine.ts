import type { Machine } from "../machine/machine.ts";
import { Disposal } from "../model/disposal.ts";
import type { Clock, Start } from "./start.ts";
import { openMachineOf, type Cell } from "./cell.ts";

/** One machine for a file's tests, opened by the first and trusted until one does not pass. */
export class SharedMachine implements AsyncDisposable {
  /** What steps remembered about the machine. */
  readonly memory = new Map<string, unknown>();
  readonly #owned = new Disposal();
  readonly #life = new AbortController();
  #machine: Promise<Machine> | undefined;
  #broken: string | undefined;

  /** Why no further test may use the machine; undefined while its state is known. */
  get broken(): string | undefined {
    return this.#broken;
  }

  /** From now on the machine's state is unknown. The first reason counts. */
  distrust(test: string, how: string): void {
    this.#broken ??= `the machine's state is unknown after "${test}" ${how}`;
  }

  /** The machine, opened if nobody has yet, then in the way wished for. An abort of the test that uses it ends the machine for all. */
  async enter(cell: Cell, suite: string, start: Start = "off", clock: Clock = "saved"): Promise<Machine> {
    const end = () => this.#life.abort(cell.signal.reason);
    if (cell.signal.aborted) end();
    cell.signal.addEventListener("abort", end, { once: true });
    this.#machine ??= openMachineOf(cell.context, [suite], this.#life.signal, start, { clock }).then((machine) => this.#owned.use(machine));
    const machine = await this.#machine;
    cell.borrow(machine);
    return machine;
  }

  /** Runs when the machine is given back, before it is. */
  defer(release: () => unknown): void {
    this.#owned.defer(release);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#machine?.catch(() => {});
    await this.#owned[Symbol.asyncDispose]();
  }
}
