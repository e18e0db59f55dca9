import { ByteFilter } from "./escapes.ts";

/** Something that wants to see the plain text as it comes. Offsets count characters of plain text. */
export interface TranscriptReader {
  /** `line` is complete when `ended`, else what stands on the last line so far (a prompt); called again when it grows. */
  line?(line: string, offset: number, ended: boolean): void;
  /**
   * What is new of a line, given once: `offset` and `byte` say where the line (not the part) begins in the plain text and in the raw bytes;
   * with `ended` its line feed has come.
   */
  part?(text: string, offset: number, byte: number, ended: boolean): void;
  /** All lines of a chunk have been told. */
  told?(): void;
}

/** Plain text kept in memory, in characters: a guest that floods its console must not take the host's. The recording has all of it. */
const most = 16 * 1024 * 1024;
/** A line without end is told as several of this length. */
const longest = 64 * 1024;

/** The plain text of a console: everything said, without terminal control, growing at the end. */
export class Transcript {
  readonly #filter = new ByteFilter();
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  readonly #readers = new Set<TranscriptReader>();
  /** Pieces of text with the position each begins at. */
  #pieces: { readonly from: number; readonly text: string }[] = [];
  #length = 0;
  #kept = 0;
  #line = "";
  #lineStart = 0;
  #lineByte = 0;

  get length(): number {
    return this.#length;
  }

  /** Where the line that is being written begins in the raw bytes. */
  get lineByte(): number {
    return this.#lineByte;
  }

  text(from = 0): string {
    const start = Math.max(0, from);
    let first = this.#pieces.length;
    while (first > 0 && (this.#pieces[first - 1] as { from: number }).from + this.#lengthOf(first - 1) > start) first--;
    const pieces = this.#pieces.slice(first);
    const [earliest] = pieces;
    if (!earliest) return "";
    return pieces
      .map(({ text }) => text)
      .join("")
      .slice(Math.max(0, start - earliest.from));
  }

  /** Calls the reader for every line from now on; returns what unsubscribes it. */
  read(reader: TranscriptReader): () => void {
    this.#readers.add(reader);
    return () => this.#readers.delete(reader);
  }

  feed(bytes: Uint8Array): void {
    const plain = this.#filter.feed(bytes);
    const text = this.#decoder.decode(plain.bytes, { stream: true });
    if (!text) return;
    this.#keep(text);
    let from = 0;
    for (const start of plain.starts) {
      const end = text.indexOf("\n", from);
      this.#tell(text.slice(from, end), true);
      from = end + 1;
      this.#begin(this.#length - text.length + from, start);
    }
    if (from < text.length) this.#tell(text.slice(from), false);
    for (const reader of [...this.#readers]) reader.told?.();
  }

  #lengthOf(index: number): number {
    return this.#pieces[index]?.text.length ?? 0;
  }

  #keep(text: string): void {
    const last = this.#pieces.at(-1);
    // Few large pieces: joining many small ones again and again would cost more than copying a little now.
    if (last && last.text.length < 8192) this.#pieces[this.#pieces.length - 1] = { from: last.from, text: last.text + text };
    else this.#pieces.push({ from: this.#length, text });
    this.#length += text.length;
    this.#kept += text.length;
    while (this.#kept > most && this.#pieces.length > 1) this.#kept -= this.#pieces.shift()?.text.length ?? 0;
  }

  #begin(offset: number, byte: number): void {
    this.#line = "";
    this.#lineStart = offset;
    this.#lineByte = byte;
  }

  #tell(part: string, ended: boolean): void {
    this.#line += part;
    for (const reader of [...this.#readers]) {
      reader.part?.(part, this.#lineStart, this.#lineByte, ended);
      reader.line?.(this.#line, this.#lineStart, ended);
    }
    // Where the next begins in the raw bytes is not known in the middle of a chunk: it is of the same line.
    if (!ended && this.#line.length > longest) this.#line = "";
  }
}
