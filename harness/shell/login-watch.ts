import { HarnessError, OsbenchError } from "../model/errors.ts";
import { isTimeout } from "../model/deadline.ts";
import { withoutNoise } from "./login-noise.ts";
import type { TextLine } from "./text-line.ts";

/** As much as is looked at of what stood on the line before anything was typed. */
const staleLength = 8192;
const saidLength = 4000;
/** A flood is only looked at from behind. */
const longest = 16_384;

/** The line as a login uses it: what was said since it last typed, quiet times, and what may be shown of it all. */
export class LoginWatch {
  readonly #line: TextLine;
  readonly #signal: AbortSignal;
  readonly #secret: string;
  readonly #begun = performance.now();
  readonly #start: number;
  readonly #began: number;
  #from: number;
  #secretFrom: number | undefined;
  #seen = 0;

  constructor(line: TextLine, secret: string, signal: AbortSignal) {
    this.#line = line;
    this.#signal = signal;
    this.#secret = secret;
    this.#began = line.length;
    this.#start = this.#from = Math.max(0, line.length - staleLength);
  }

  get position(): number {
    return this.#from;
  }

  /** What was said since something was last typed, or since `from`, without what others threw in. */
  text(from = this.#from): string {
    this.#seen = this.#line.length;
    return withoutNoise(this.#line.text(Math.max(from, this.#line.length - longest)));
  }

  /** How often something was said since the login began. */
  timesSaid(pattern: RegExp): number {
    return this.text(this.#began).match(pattern)?.length ?? 0;
  }

  /** Resolves with true as soon as more is said than `text` gave, with false after so many milliseconds of quiet. */
  async more(quietMs: number): Promise<boolean> {
    const quiet = new AbortController();
    const timer = setTimeout(() => quiet.abort(), quietMs);
    try {
      await this.#line.expect(/[^]/, AbortSignal.any([this.#signal, quiet.signal]), this.#seen);
      return true;
    } catch (error) {
      if (quiet.signal.aborted && !this.#signal.aborted) return false;
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  async type(keys: string): Promise<void> {
    this.#signal.throwIfAborted();
    this.#from = this.#line.length;
    await this.#line.write(keys);
  }

  async typeSecret(): Promise<void> {
    this.#secretFrom ??= this.#line.length;
    await this.type(`${this.#secret}\r`);
  }

  /** The end of what was said, for an error: the password is taken out wherever it may have been echoed. */
  said(): Readonly<Record<string, string>> {
    const clear = this.#line.text(this.#start).slice(0, (this.#secretFrom ?? Infinity) - this.#start);
    const after = this.#secretFrom === undefined ? "" : this.#redacted(this.#line.text(this.#secretFrom));
    return { said: `${clear}${after}`.slice(-saidLength) };
  }

  /** Nothing that was said may show the password, also not a single line. */
  #redacted(text: string): string {
    const redact = (within: string) => within.replaceAll(this.#secret, "(password)");
    if (this.#secret === "") return text;
    const shown = redact(text);
    // The kernel may have written into the middle of the echo.
    const quiet = withoutNoise(shown);
    return quiet.includes(this.#secret) ? redact(quiet) : shown;
  }

  show(line: string): string {
    return this.#secretFrom === undefined ? line.trim() : this.#redacted(line.trim());
  }

  /** A time limit that passed tells what was waited for and what was said last; every other reason passes unchanged. */
  explain(error: unknown, user: string, waitingFor: string): unknown {
    if (error instanceof OsbenchError || !this.#signal.aborted || error !== this.#signal.reason || !isTimeout(error)) return error;
    const seconds = ((performance.now() - this.#begun) / 1000).toFixed(1);
    return new HarnessError("OSB_TIMEOUT", `login as ${user} on the serial line: ${waitingFor} did not come; given up after ${seconds} s`, {
      evidence: this.said(),
      cause: error,
    });
  }
}
