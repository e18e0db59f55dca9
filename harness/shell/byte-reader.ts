import { HarnessError } from "../model/errors.ts";
import type { Line } from "./line.ts";

/** Reads a clean byte stream up to markers nobody else can print. Bytes before the marker are the data. */
export class ByteReader {
  readonly #end: () => void;
  #chunks: Buffer[] = [];
  #length = 0;
  #wake: (() => void) | undefined;
  #lost: string | undefined;

  constructor(line: Line) {
    const deaf = line.listen((chunk) => {
      this.#chunks.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
      this.#length += chunk.length;
      this.#wake?.();
    });
    const unwatched = line.onLost((reason) => this.lose(reason));
    this.#end = () => {
      deaf();
      unwatched();
    };
  }

  /** Bytes received and not yet taken. */
  get pending(): Buffer {
    return this.#joined();
  }

  /** Drops what came until now. */
  forget(): void {
    this.#chunks = [];
    this.#length = 0;
  }

  /**
   * Resolves with what came before the first of the markers, which one it was, and the rest of its line; all are consumed.
   * Rejects with the signal's reason, or HarnessError when the line is lost.
   */
  async until(markers: readonly string[], signal: AbortSignal): Promise<{ data: Buffer; marker: string; rest: string }> {
    const longest = Math.max(...markers.map(({ length }) => length));
    let from = 0;
    for (;;) {
      // Only what is new is looked at, and all is joined only at the end: a megabyte comes in many chunks.
      const fresh = this.#from(from);
      const found = first(fresh, markers);
      const end = found ? fresh.indexOf("\n", found.at + found.marker.length) : -1;
      if (found && end >= 0) {
        const skipped = this.#length - fresh.length;
        const bytes = this.#joined();
        this.#chunks = [bytes.subarray(skipped + end + 1)];
        this.#length = bytes.length - skipped - end - 1;
        const rest = fresh.subarray(found.at + found.marker.length, end).toString();
        return { data: bytes.subarray(0, skipped + found.at), marker: found.marker, rest };
      }
      from = found ? this.#length - fresh.length + found.at : Math.max(0, this.#length - longest);
      if (this.#lost !== undefined) throw new HarnessError("OSB_SHELL_LOST", `the shell's line was lost: ${this.#lost}`);
      signal.throwIfAborted();
      await this.#more(signal);
    }
  }

  /** Ends every wait: nothing will come any more. */
  lose(reason: string): void {
    this.#end();
    this.#lost ??= reason;
    this.#wake?.();
  }

  /** The bytes from this position on. */
  #from(position: number): Buffer {
    let begin = this.#length;
    let index = this.#chunks.length;
    while (index > 0 && begin > position) begin -= (this.#chunks[--index] as Buffer).length;
    const tail = this.#chunks.slice(index);
    return (tail.length === 1 ? (tail[0] as Buffer) : Buffer.concat(tail)).subarray(Math.max(0, position - begin));
  }

  #joined(): Buffer {
    if (this.#chunks.length !== 1) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0] as Buffer;
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

function first(bytes: Buffer, markers: readonly string[]): { at: number; marker: string } | undefined {
  let found: { at: number; marker: string } | undefined;
  for (const marker of markers) {
    const at = bytes.indexOf(marker);
    if (at >= 0 && (!found || at < found.at)) found = { at, marker };
  }
  return found;
}
