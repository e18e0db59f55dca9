import type { Console } from "../console/console.ts";
import { deadline } from "../model/deadline.ts";
import { ClaimFailed, HarnessError } from "../model/errors.ts";
import { lastWords } from "./last-words.ts";
import type { MachineConsole, WaitOptions } from "./machine.ts";

const defaultTimeoutMs = 60_000;

/** The console as tests see it: expectations end at their deadline, when the test ends, and when the machine loses power. */
export class GuestConsole implements MachineConsole {
  readonly #console: Console;
  readonly #owner: AbortSignal;
  readonly #life: () => AbortSignal;

  /** `life` gives the signal of the boot that runs now, which aborts when it dies. */
  constructor(console: Console, owner: AbortSignal, life: () => AbortSignal) {
    this.#console = console;
    this.#owner = owner;
    this.#life = life;
  }

  screen(): string {
    return this.#console.screen();
  }

  text(mark = 0): string {
    return this.#console.text(mark);
  }

  mark(): number {
    return this.#console.length;
  }

  async type(text: string): Promise<void> {
    await this.#console.write(text);
  }

  async expect(pattern: RegExp, options: WaitOptions & { from?: number } = {}): Promise<RegExpMatchArray> {
    const outer = options.signal ? AbortSignal.any([options.signal, this.#owner]) : this.#owner;
    const ms = options.timeoutMs ?? defaultTimeoutMs;
    const from = options.from ?? this.mark();
    const death = lastWords(this.#life(), this.#console);
    const wait = deadline(`${pattern} on the console`, ms, AbortSignal.any([outer, death.signal]));
    try {
      return await this.#console.expect(pattern, wait.signal, from);
    } catch (error) {
      const explained = wait.explain(error);
      if (!(explained instanceof HarnessError) || explained.code !== "OSB_TIMEOUT") throw explained;
      throw new ClaimFailed("OSB_CONSOLE", `the console did not say ${pattern} within ${(ms / 1000).toFixed(0)} s`, {
        evidence: { "console meanwhile": this.text(from), "last screen": this.screen() },
      });
    } finally {
      death.clear();
      wait.clear();
    }
  }
}
