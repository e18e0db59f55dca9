import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";

/** Names of the files a recording consists of, in its folder. */
export const recordingFiles = { raw: "console.raw", cast: "console.cast" } as const;

/**
 * Keeps everything a console said, as it is said: `console.raw` holds the exact bytes, `console.cast` the same as
 * asciicast v3 (one JSON line per chunk: seconds since the previous event, "o", text; "m" events mark phases).
 * Lines are written at once, so a killed run keeps all that was said. Source: docs.asciinema.org, asciicast v3.
 */
export class Recorder {
  readonly #raw: number;
  readonly #cast: number;
  readonly #decoder = new TextDecoder("utf-8");
  #last: number;

  constructor(folder: string, title: string, size: { readonly cols: number; readonly rows: number }) {
    mkdirSync(folder, { recursive: true });
    this.#raw = openSync(join(folder, recordingFiles.raw), "a");
    this.#cast = openSync(join(folder, recordingFiles.cast), "a");
    this.#last = performance.now();
    const header = {
      version: 3,
      term: { cols: size.cols, rows: size.rows, type: "xterm-256color" },
      timestamp: Math.floor(Date.now() / 1000),
      title,
    };
    writeSync(this.#cast, `${JSON.stringify(header)}\n`);
  }

  output(bytes: Uint8Array): void {
    writeSync(this.#raw, bytes);
    this.#event("o", this.#decoder.decode(bytes, { stream: true }));
  }

  marker(text: string): void {
    this.#event("m", text);
  }

  close(): void {
    closeSync(this.#raw);
    closeSync(this.#cast);
  }

  #event(kind: "o" | "m", text: string): void {
    if (!text) return;
    const now = performance.now();
    writeSync(this.#cast, `${JSON.stringify([Number(((now - this.#last) / 1000).toFixed(6)), kind, text])}\n`);
    this.#last = now;
  }
}
