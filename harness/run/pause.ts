import { meetMachine } from "../machine/attach/find.ts";
import type { MachineEvent } from "../model/events.ts";
import { durationWords } from "./view/words.ts";

export interface PausesOptions {
  /** Where Enter is heard, if it is a terminal. */
  readonly stdin: NodeJS.ReadStream;
  /** Milliseconds a pause may last. */
  readonly forMs: number | undefined;
  /** Says something to the person. */
  readonly note: (text: string) => void;
}

/**
 * Tells people of machines that are kept for them, and hears when they are done: Enter in the run's terminal or SIGUSR1 to its process lets all go
 * on. Whoever attaches ends a pause by leaving, without this.
 */
export class Pauses implements Disposable {
  readonly #options: PausesOptions;
  readonly #paused = new Set<string>();
  readonly #release = () => this.#releaseAll();

  constructor(options: PausesOptions) {
    this.#options = options;
    // Heard for the whole run: unheard, it would start Node's debugger.
    process.on("SIGUSR1", this.#release);
  }

  hear(event: MachineEvent): void {
    const { stdin, note } = this.#options;
    if (event.type === "paused") {
      if (this.#paused.size === 0 && stdin.isTTY) stdin.on("data", this.#release).resume();
      this.#paused.add(event.name);
      note(this.#words(event));
    } else if (event.type === "resumed") {
      this.#paused.delete(event.name);
      if (this.#paused.size === 0) this.#stopListening();
      note(`goes on after the pause on ${event.name}: ${event.why}`);
    }
  }

  [Symbol.dispose](): void {
    process.off("SIGUSR1", this.#release);
    this.#stopListening();
  }

  #words({ name, reason, ssh }: MachineEvent & { type: "paused" }): string {
    const { stdin, forMs } = this.#options;
    const ends = [
      ...(stdin.isTTY ? ["at Enter here"] : [`at \`kill -USR1 ${process.pid}\``]),
      `at \`osbench attach ${name} --release\``,
      "when you leave its console",
      ...(forMs === undefined ? [] : [`after ${durationWords(forMs)}`]),
    ];
    return [
      `paused: the machine of the test that failed is yours; the test is recorded already (${reason})`,
      `  console  osbench attach ${name}`,
      `  shell    osbench shell ${name}`,
      ...(ssh === undefined ? [] : [`  ssh      ${ssh}`]),
      `The run goes on ${ends.slice(0, -1).join(", ")} or ${ends.at(-1)}.`,
    ].join("\n");
  }

  #stopListening(): void {
    const { stdin } = this.#options;
    if (stdin.isTTY) stdin.off("data", this.#release).pause();
  }

  #releaseAll(): void {
    for (const name of this.#paused) {
      // One that is gone meanwhile needs no release.
      void meetMachine(name).then(
        (machine) => {
          machine.release();
          machine[Symbol.dispose]();
        },
        () => {},
      );
    }
  }
}
