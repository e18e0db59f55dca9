import { randomBytes } from "node:crypto";
import { killLine } from "./login-step.ts";
import type { LoginWatch } from "./login-watch.ts";

/** A question only a shell can answer. */
interface Probe {
  readonly command: string;
  /** The user the shell answered as ("" where it has no id(1)), or undefined if the text holds no answer. */
  answer(text: string): string | undefined;
}

/**
 * Asks whatever stands on the line to run sh and join three words by printf: neither an echo nor a password prompt nor a message of the day
 * can contain the answer. The words are typed the same way in POSIX shells, csh and fish; a blank in front keeps it out of the history.
 */
function probe(): Probe {
  const [a, b, c] = Array.from({ length: 3 }, () => randomBytes(3).toString("hex"));
  const answer = new RegExp(`:${a}-${b}-${c}:([^:\\n]*):`);
  return {
    command: ` sh -c 'printf "\\n:%s-%s-%s:%s:\\n" ${a} ${b} ${c} "$(id -un)"'`,
    answer: (text) => answer.exec(text)?.[1],
  };
}

/** The questions asked so far: an answer to any of them proves a shell, however late it comes. */
export class Proof {
  readonly #watch: LoginWatch;
  readonly #asked: Probe[] = [];
  #from = 0;

  constructor(watch: LoginWatch) {
    this.#watch = watch;
  }

  get commands(): string[] {
    return this.#asked.map(({ command }) => command);
  }

  /** Types a question, on an empty line and after the given keys. */
  async ask(before: string): Promise<void> {
    const asked = probe();
    this.#asked.push(asked);
    await this.#watch.type(`${before}${killLine}${asked.command}\r`);
    if (this.#asked.length === 1) this.#from = this.#watch.position;
  }

  /** The user a shell answered as, "" if it cannot say, undefined without an answer. */
  answer(): string | undefined {
    if (this.#asked.length === 0) return undefined;
    const text = this.#watch.text(this.#from);
    return this.#asked.map((asked) => asked.answer(text)).find((answer) => answer !== undefined);
  }
}
