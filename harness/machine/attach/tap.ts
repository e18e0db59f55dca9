import type { Duplex } from "node:stream";
import type { SerialTap } from "./attachment.ts";

/** Enough for the screen somebody meets who comes late. */
const keptBytes = 16 * 1024;

/** Listens to a serial line beside the console, over every power cycle. */
export class Tap implements SerialTap {
  readonly #listeners = new Set<(bytes: Uint8Array) => void>();
  #recent: Buffer = Buffer.alloc(0);
  #line: Duplex | undefined;

  attach(line: Duplex): void {
    this.#line = line;
    line.on("data", (bytes: Uint8Array) => this.#said(bytes));
  }

  listen(listener: (bytes: Uint8Array) => void): () => void {
    if (this.#recent.length > 0) listener(this.#recent);
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  write(bytes: Uint8Array): void {
    if (this.#line?.writable) this.#line.write(bytes);
  }

  #said(bytes: Uint8Array): void {
    const all = Buffer.concat([this.#recent, bytes]);
    // A cut in the middle of a line or of a character would show as rubbish.
    const cut = all.length <= keptBytes ? 0 : all.indexOf(0x0a, all.length - keptBytes) + 1;
    this.#recent = all.subarray(cut);
    for (const listener of [...this.#listeners]) listener(bytes);
  }
}
