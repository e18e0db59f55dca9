import type { Duplex } from "node:stream";
import { Recorder } from "./recorder.ts";
import { Screen, screenSize } from "./screen.ts";
import { Search } from "./search.ts";
import { Transcript, type TranscriptReader } from "./transcript.ts";

/**
 * A serial line with everything that listens to it: recorder (exact bytes), screen (what a person sees, answering the
 * guest's terminal queries) and transcript (plain text). Text is offered to readers only after the screen holds it, so
 * a picture taken in reaction to a line shows that line.
 */
export class Console {
  readonly #recorder: Recorder;
  readonly #screen: Screen;
  readonly #transcript = new Transcript();
  readonly #listeners = new Set<(chunk: Uint8Array) => void>();
  #line: Duplex | undefined;
  #lastOutput = performance.now();
  #lastInput = -Infinity;
  #answering = true;
  /** Bytes the terminal itself has sent. */
  #answered = 0;

  constructor(folder: string, title: string) {
    this.#recorder = new Recorder(folder, title, screenSize);
    this.#screen = new Screen((answer) => {
      if (!this.#answering || !this.#line) return;
      this.#answered += answer.length;
      this.#line.write(answer);
    });
  }

  /** Listens to this line from now on, instead of an earlier one. */
  attach(line: Duplex): void {
    this.#line = line;
    this.#answered = 0;
    line.on("data", (bytes: Uint8Array) => this.#output(bytes));
    line.on("error", () => {});
    line.resume();
  }

  /** Milliseconds since the guest last said anything. */
  get silentMs(): number {
    return performance.now() - this.#lastOutput;
  }

  /** When somebody last typed, on the clock of `performance.now()`; answers of the terminal itself do not count. */
  get lastInput(): number {
    return this.#lastInput;
  }

  /** Bytes anybody has typed into the line so far, through this console or beside it; answers of the terminal itself do not count. */
  get typed(): number {
    return ((this.#line as { bytesWritten?: number } | undefined)?.bytesWritten ?? 0) - this.#answered;
  }

  /** Where the line that is being written begins in the raw recording, in bytes. */
  get lineByte(): number {
    return this.#transcript.lineByte;
  }

  get length(): number {
    return this.#transcript.length;
  }

  text(from = 0): string {
    return this.#transcript.text(from);
  }

  screen(): string {
    return this.#screen.text();
  }

  /** Calls the reader for every line from now on; returns what unsubscribes it. */
  read(reader: TranscriptReader): () => void {
    return this.#transcript.read(reader);
  }

  /** Calls the listener with every chunk of bytes as it comes, before screen and text have it; returns what ends that. */
  listen(listener: (chunk: Uint8Array) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  marker(text: string): void {
    this.#recorder.marker(text);
  }

  /**
   * Does the work once all that was heard so far stands on the screen and in the text, and nothing that is heard later. Returns what does it at once
   * if it is not done yet.
   */
  afterOutput(work: () => void): () => void {
    let due = true;
    const now = () => {
      if (!due) return;
      due = false;
      work();
    };
    this.#screen.feed(new Uint8Array(), now);
    return now;
  }

  /** While a program speaks a protocol over the line, the emulator must not answer into it. */
  answerQueries(answering: boolean): void {
    this.#answering = answering;
  }

  /** Sends bytes to the guest; resolves when the line took them. */
  async write(data: string | Uint8Array): Promise<void> {
    const line = this.#line;
    if (!line) return;
    this.#lastInput = performance.now();
    await new Promise<void>((resolve, reject) => line.write(data, (error) => (error ? reject(error) : resolve())));
  }

  /** Resolves with the first match in the text after `from` (default: now); rejects with the signal's reason. */
  async expect(pattern: RegExp, signal: AbortSignal, from = this.length): Promise<RegExpMatchArray> {
    const search = new Search(pattern, from);
    const found = search.in(this.#transcript);
    if (found) return found;
    return await new Promise((resolve, reject) => {
      const finish = (settle: () => void) => {
        stop();
        signal.removeEventListener("abort", abort);
        settle();
      };
      const abort = () => finish(() => reject(signal.reason as Error));
      const stop = this.read({
        told: () => {
          const match = search.in(this.#transcript);
          if (match) finish(() => resolve(match));
        },
      });
      if (signal.aborted) abort();
      else signal.addEventListener("abort", abort, { once: true });
    });
  }

  close(): void {
    this.#recorder.close();
    this.#screen.dispose();
  }

  #output(bytes: Uint8Array): void {
    this.#lastOutput = performance.now();
    this.#recorder.output(bytes);
    for (const listener of this.#listeners) listener(bytes);
    this.#screen.feed(bytes, () => this.#transcript.feed(bytes));
  }
}
