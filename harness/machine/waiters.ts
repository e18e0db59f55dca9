import { before, type Phase } from "../model/phase.ts";
import type { BootInProgress } from "./boot-log.ts";

/** Somebody who waits for a phase of a boot. */
export interface Waiter {
  readonly boot: number;
  readonly until: Phase;
  resolve(boot: BootInProgress): void;
  reject(error: Error): void;
}

/** Those who wait for phases of boots. */
export class Waiters {
  readonly #waiters = new Set<Waiter>();

  /** Waits until told that the phase was reached or never will be, or the signal aborts. */
  async add(boot: number, until: Phase, signal: AbortSignal): Promise<BootInProgress> {
    return await new Promise((resolve, reject) => {
      const settle = () => {
        this.#waiters.delete(waiter);
        signal.removeEventListener("abort", abort);
      };
      const abort = () => (settle(), reject(signal.reason as Error));
      const waiter: Waiter = {
        boot,
        until,
        resolve: (reached) => (settle(), resolve(reached)),
        reject: (error) => (settle(), reject(error)),
      };
      this.#waiters.add(waiter);
      if (signal.aborted) abort();
      else signal.addEventListener("abort", abort, { once: true });
    });
  }

  reached(boot: BootInProgress): void {
    for (const waiter of [...this.#waiters]) if (waiter.boot === boot.number && !before(boot.furthest, waiter.until)) waiter.resolve(boot);
  }

  /** Those who wait for boots before the given one. */
  before(boot: number): Waiter[] {
    return [...this.#waiters].filter((waiter) => waiter.boot < boot);
  }

  rejectUpTo(boot: number, error: Error): void {
    for (const waiter of [...this.#waiters]) if (waiter.boot <= boot) waiter.reject(error);
  }

  rejectAll(error: Error): void {
    for (const waiter of [...this.#waiters]) waiter.reject(error);
  }
}
