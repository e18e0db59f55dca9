import type { Phase } from "../model/phase.ts";
import type { Expectations } from "./expected.ts";

/** What ends a phase that does not end by itself. */
export interface Overdue {
  readonly why: "silent" | "slow";
  /** Milliseconds the phase has lasted, and the console has been silent. */
  readonly lastedMs: number;
  readonly silentMs: number;
}

export type HangExpectations = Pick<Expectations, "limit" | "silence">;

/** A phase that still talks gets this many times its limit. */
const talkingMargin = 2;

/**
 * Watches one phase of a boot: for how long it lasts, and, apart from that, for how long its console is silent. Calls `overdue` when either is
 * far beyond what this host was seen to need; the silence is asked about again after as long again, in case it proved nothing. Who is told needs
 * `leadMs` to look closer: it is told so much earlier, so that the verdict comes when the time is over.
 */
export class HangWatch {
  readonly #expected: HangExpectations;
  readonly #silentMs: () => number;
  readonly #overdue: (overdue: Overdue) => void;
  readonly #leadMs: number;
  #silence: NodeJS.Timeout | undefined;
  #slowness: NodeJS.Timeout | undefined;

  constructor(expected: HangExpectations, silentMs: () => number, overdue: (overdue: Overdue) => void, leadMs = 0) {
    this.#expected = expected;
    this.#leadMs = leadMs;
    this.#silentMs = silentMs;
    this.#overdue = overdue;
  }

  /** A phase begins; the one before is over. */
  begin(phase: Phase): void {
    this.end();
    const began = performance.now();
    const lasted = () => performance.now() - began;
    const silent = () => Math.min(this.#silentMs(), lasted());
    this.#awaitSilence(this.#before(this.#expected.silence(phase)), silent, lasted);
    this.#awaitLimit(this.#expected.limit(phase), this.#expected.silence(phase), silent, lasted);
  }

  end(): void {
    clearTimeout(this.#silence);
    clearTimeout(this.#slowness);
  }

  #awaitSilence(limit: number, silent: () => number, lasted: () => number): void {
    const check = () => {
      const ms = silent();
      if (ms >= limit) this.#overdue({ why: "silent", lastedMs: lasted(), silentMs: ms });
      // What was said last decides when to look again: nothing needs to be done for every byte.
      this.#silence = setTimeout(check, ms >= limit ? limit : limit - ms + 1).unref();
    };
    this.#silence = setTimeout(check, limit).unref();
  }

  #awaitLimit(limit: number, silence: number, silent: () => number, lasted: () => number): void {
    const tell = () => this.#overdue({ why: "slow", lastedMs: lasted(), silentMs: silent() });
    this.#slowness = setTimeout(() => {
      if (silent() >= Math.min(silence, limit) / 2) tell();
      else this.#slowness = setTimeout(tell, limit * (talkingMargin - 1)).unref();
    }, this.#before(limit)).unref();
  }

  /** A time that is short itself cannot be spared for looking. */
  #before(ms: number): number {
    return ms < 2 * this.#leadMs ? ms : ms - this.#leadMs;
  }
}
