import { HarnessError } from "../model/errors.ts";
import { KernelNoise } from "./noise.ts";

/** More than two of the largest chunks; what is older belongs to nobody who still waits. */
const limit = 2 << 20;

/** What came over a noisy line since `forget`, without the kernel's lines, and who waits for it. */
export class FrameReader {
  readonly #noise = new KernelNoise();
  readonly #limit: number;
  #text = "";
  #lastChunk = performance.now();
  #wake: (() => void) | undefined;
  #lost: string | undefined;

  constructor(keep = limit) {
    this.#limit = keep;
  }

  get text(): string {
    return this.#text;
  }

  /** How long nothing came at all. */
  get silentMs(): number {
    return performance.now() - this.#lastChunk;
  }

  feed(chunk: Uint8Array): void {
    this.#lastChunk = performance.now();
    const fresh = this.#noise.feed(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString("latin1"));
    this.#text += fresh;
    if (this.#text.length > this.#limit) this.#text = this.#text.slice(-this.#limit / 2);
    // Every frame ends so, and what comes in between is not worth looking through all again: a UART gives byte by byte.
    if (fresh.includes("!") || (fresh.endsWith(" ") && this.loginPrompt)) this.#wake?.();
  }

  /** Whether a getty waits for a name: whoever spoke the protocol is gone, unless a command wrote that. */
  get loginPrompt(): boolean {
    return /(?:^|\n)[^\n]{0,80} login: $/.test(this.#text.slice(-100));
  }

  /** Drops what came up to the end of this text. */
  forgetThrough(end: string): void {
    const at = this.#text.lastIndexOf(end);
    if (at >= 0) this.#text = this.#text.slice(at + end.length);
  }

  /** Drops what came until now: answers to questions nobody asks any more. */
  forget(): void {
    this.#text = "";
  }

  /** Ends every wait: nothing will come any more. */
  lose(reason: string): void {
    this.#lost ??= reason;
    this.#wake?.();
  }

  /**
   * Resolves with what `find` finds, looking again whenever something came, or with undefined after `ms`. Rejects with the
   * signal's reason, or HarnessError when the line is lost.
   */
  async wait<T>(find: (text: string) => T | undefined, ms: number, signal: AbortSignal): Promise<T | undefined> {
    const until = performance.now() + ms;
    for (;;) {
      const found = find(this.#text);
      if (found !== undefined) return found;
      if (this.#lost !== undefined) throw new HarnessError("OSB_SHELL_LOST", `the shell's line was lost: ${this.#lost}`);
      signal.throwIfAborted();
      const left = until - performance.now();
      if (left <= 0) return undefined;
      await this.#more(left, signal);
    }
  }

  #more(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", wake);
        this.#wake = undefined;
        resolve();
      };
      const timer = setTimeout(wake, ms);
      this.#wake = wake;
      signal.addEventListener("abort", wake, { once: true });
    });
  }
}
