import { HarnessError } from "../model/errors.ts";
import type { Line } from "./line.ts";

/** What fits here is copied out, so that the memory it came into serves again. */
const small = 64 << 10;

/** Reads a clean byte stream up to markers nobody else can print. Bytes before the marker are the data. */
export class ByteReader {
  readonly #end: () => void;
  /** What came and was not taken yet is its first `#length` bytes. Chunks kept as they come would have the garbage collector stop us over and over. */
  #bytes = Buffer.allocUnsafeSlow(small);
  #length = 0;
  #wake: (() => void) | undefined;
  #lost: string | undefined;

  constructor(line: Line) {
    const deaf = line.listen((chunk) => {
      this.#add(chunk);
      this.#wake?.();
    });
    const unwatched = line.onLost((reason) => this.lose(reason));
    this.#end = () => {
      deaf();
      unwatched();
    };
  }

  /** Drops what came until now. */
  forget(): void {
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
      // Only what is new is looked at: a megabyte comes in many chunks.
      const found = first(this.#bytes.subarray(from, this.#length), markers);
      const end = found ? this.#bytes.subarray(0, this.#length).indexOf("\n", from + found.at + found.marker.length) : -1;
      if (found && end >= 0) {
        const at = from + found.at;
        const rest = this.#bytes.subarray(at + found.marker.length, end).toString();
        return { data: this.#take(at, end + 1), marker: found.marker, rest };
      }
      from = found ? from + found.at : Math.max(from, this.#length - longest);
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

  #add(chunk: Uint8Array): void {
    const length = this.#length + chunk.length;
    if (length > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(length, this.#bytes.length * 2));
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    this.#bytes.set(chunk, this.#length);
    this.#length = length;
  }

  /** The first bytes up to `end`; what comes before `begin` of the rest is dropped. */
  #take(end: number, begin: number): Buffer {
    const rest = this.#bytes.subarray(begin, this.#length);
    this.#length = rest.length;
    if (end <= small) {
      const data = Buffer.from(this.#bytes.subarray(0, end));
      this.#bytes.copyWithin(0, begin, begin + rest.length);
      return data;
    }
    const data = this.#bytes.subarray(0, end);
    this.#bytes = Buffer.allocUnsafeSlow(Math.max(small, rest.length));
    this.#bytes.set(rest);
    return data;
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
