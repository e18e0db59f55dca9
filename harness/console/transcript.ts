import { EscapeFilter } from "./escapes.ts";

/** Something that wants to see the plain text as it comes. Offsets count characters of plain text. */
export interface TranscriptReader {
  /** `line` is complete when `ended`, else what stands on the last line so far (a prompt); called again when it grows. */
  line(line: string, offset: number, ended: boolean): void;
}

/** The plain text of a console: everything said, without terminal control, growing at the end. */
export class Transcript {
  readonly #filter = new EscapeFilter();
  readonly #decoder = new TextDecoder("utf-8");
  readonly #readers = new Set<TranscriptReader>();
  #text = "";
  #lineStart = 0;

  get length(): number {
    return this.#text.length;
  }

  text(from = 0): string {
    return this.#text.slice(from);
  }

  /** Calls the reader for every line from now on; returns what unsubscribes it. */
  read(reader: TranscriptReader): () => void {
    this.#readers.add(reader);
    return () => this.#readers.delete(reader);
  }

  feed(bytes: Uint8Array): void {
    const plain = this.#filter.feed(this.#decoder.decode(bytes, { stream: true }));
    if (!plain) return;
    this.#text += plain;
    for (let end = this.#text.indexOf("\n", this.#lineStart); end >= 0; end = this.#text.indexOf("\n", this.#lineStart)) {
      this.#tell(this.#text.slice(this.#lineStart, end), true);
      this.#lineStart = end + 1;
    }
    if (this.#lineStart < this.#text.length) this.#tell(this.#text.slice(this.#lineStart), false);
  }

  #tell(line: string, ended: boolean): void {
    for (const reader of [...this.#readers]) reader.line(line, this.#lineStart, ended);
  }
}
