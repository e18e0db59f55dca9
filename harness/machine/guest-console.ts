import type { Console } from "../console/console.ts";
import { deadline } from "../model/deadline.ts";
import { ClaimFailed, HarnessError } from "../model/errors.ts";
import type { MachineConsole, WaitOptions } from "./machine.ts";

const defaultTimeoutMs = 60_000;

/** The console as tests see it: expectations end at their deadline, when the test ends, and when the machine loses power. */
export class GuestConsole implements MachineConsole {
  readonly #console: Console;
  readonly #owner: AbortSignal;

  constructor(console: Console, owner: AbortSignal) {
    this.#console = console;
    this.#owner = owner;
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
    const wait = deadline(`${pattern} on the console`, ms, outer);
    try {
      return await this.#console.expect(pattern, wait.signal, from);
    } catch (error) {
      const explained = wait.explain(error);
      if (!(explained instanceof HarnessError) || explained.code !== "OSB_TIMEOUT") throw explained;
      throw new ClaimFailed("OSB_CONSOLE", `the console did not say ${pattern} within ${(ms / 1000).toFixed(0)} s`, {
        evidence: { "console meanwhile": this.text(from), "last screen": this.screen() },
      });
    } finally {
      wait.clear();
    }
  }
}
