import type { Duplex } from "node:stream";
import { HarnessError } from "../model/errors.ts";

/** Reads a byte stream up to markers nobody else can print. Bytes before the marker are the data. */
export class MarkedStream {
  readonly #line: Duplex;
  #bytes = Buffer.alloc(0);
  #searched = 0;
  #wake: (() => void) | undefined;
  #closed: string | undefined;
  readonly #receive = (chunk: Buffer) => {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    this.#wake?.();
  };
  readonly #close = () => this.lose("the line closed");

  constructor(line: Duplex) {
    this.#line = line;
    line.on("data", this.#receive);
    line.on("close", this.#close);
    // Stays after disposal: a reset line must not end the process.
    line.on("error", (error) => this.lose(error.message));
    line.resume();
  }

  /** Bytes received and not yet taken. */
  get pending(): Buffer {
    return this.#bytes;
  }

  /** Resolves with what came before the marker and the rest of the marker's line; both are consumed. Rejects with the signal's reason, or HarnessError when the line is lost. */
  async until(marker: string, signal: AbortSignal): Promise<{ data: Buffer; rest: string }> {
    this.#searched = 0;
    for (;;) {
      const at = this.#bytes.indexOf(marker, Math.max(0, this.#searched - marker.length));
      this.#searched = this.#bytes.length;
      const end = at < 0 ? -1 : this.#bytes.indexOf("\n", at + marker.length);
      if (end >= 0) {
        const data = this.#bytes.subarray(0, at);
        const rest = this.#bytes.subarray(at + marker.length, end).toString();
        this.#bytes = this.#bytes.subarray(end + 1);
        return { data, rest };
      }
      if (at >= 0) this.#searched = at;
      if (this.#closed) throw new HarnessError("OSB_SHELL_LOST", `the shell's line was lost: ${this.#closed}`);
      signal.throwIfAborted();
      await this.#more(signal);
    }
  }

  /** Ends every wait: nothing will come any more. */
  lose(reason: string): void {
    this.#closed ??= reason;
    this.#wake?.();
  }

  dispose(): void {
    this.#line.off("data", this.#receive);
    this.#line.off("close", this.#close);
    this.lose("the shell was closed");
  }

  #more(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        signal.removeEventListener("abort", wake);
        this.#wake = undefined;
        resolve();
      };
      this.#wake = wake;
      signal.addEventListener("abort", wake, { once: true });
    });
  }
}
