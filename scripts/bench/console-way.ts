import { HarnessError } from "../../harness/model/errors.ts";
import type { GuestShell } from "../../harness/shell/guest-shell.ts";
import type { BenchGuest } from "./console-guest.ts";

/** A shell on one of the guest's lines, opened anew when it was lost. */
export class Way {
  readonly #name: string;
  readonly #open: () => Promise<GuestShell>;
  readonly #guest: BenchGuest;
  readonly #progress: (line: string) => void;
  #shell: GuestShell | undefined;
  #resent = 0;

  constructor(name: string, open: () => Promise<GuestShell>, guest: BenchGuest, progress: (line: string) => void) {
    this.#name = name;
    this.#open = open;
    this.#guest = guest;
    this.#progress = progress;
  }

  /** How often something was said again, by all its shells. */
  get resent(): number {
    return this.#resent + (this.#shell?.resent ?? 0);
  }

  readonly get = async (): Promise<GuestShell> => {
    if (this.#shell?.usable) return this.#shell;
    if (this.#shell) this.#progress(`the shell on ${this.#name} was lost: opening another`);
    this.#resent = this.resent;
    this.#shell = undefined;
    try {
      return (this.#shell = await this.#open());
    } catch (error) {
      throw new HarnessError("OSB_BENCH_GUEST", `the guest gives no shell on ${this.#name}: ${(error as Error).message}`, {
        cause: error,
        hint: "The emulated machine may have stopped: try again, with nothing else running on this host",
        evidence: { "the console said last": this.#guest.said().slice(-2000) },
      });
    }
  };
}

/** Minutes and seconds. */
export function clock(ms: number): string {
  return `${Math.floor(ms / 60_000)}:${String(Math.floor(ms / 1000) % 60).padStart(2, "0")}`;
}
