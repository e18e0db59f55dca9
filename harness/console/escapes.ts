type State = "text" | "escape" | "intermediate" | "csi" | "string" | "string-escape";

const NUL = 0x00;
const BEL = 0x07;
const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const ESC = 0x1b;
const DEL = 0x7f;

/** A string whose end was lost on the line must not swallow all that follows. Bytes; the longest in use are titles and systemd's OSC 3008. */
const longestString = 4096;

/** Plain text of a chunk, with where each of its lines begins in the raw bytes. */
export interface PlainChunk {
  /** UTF-8. Valid until the next chunk. */
  readonly bytes: Uint8Array;
  /** Position in the stream's raw bytes of the first byte of each line that begins in this chunk: one a line feed. */
  readonly starts: readonly number[];
}

/**
 * Takes terminal control out of a stream of bytes, keeping its state between chunks: CSI, OSC, DCS, SOS, PM and APC sequences (ended by BEL or
 * ST; CAN and SUB give them up) vanish, CR LF and lone CR become LF, other C0 controls except TAB vanish.
 * Source: ECMA-48 section 5 (control sequences), 8.3.89 (OSC), xterm for BEL as terminator, ECMA-35 for CAN and SUB.
 */
export class ByteFilter {
  #state: State = "text";
  #stringLength = 0;
  #carriageReturn = false;
  /** Raw bytes seen before this chunk. */
  #position = 0;
  #plain = new Uint8Array(4096);
  #length = 0;
  #starts: number[] = [];

  feed(chunk: Uint8Array): PlainChunk {
    // A pending CR may add one line feed.
    if (this.#plain.length < chunk.length * 2 + 2) this.#plain = new Uint8Array(chunk.length * 2 + 2);
    this.#length = 0;
    this.#starts = [];
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] as number;
      if (this.#state === "text") this.#text(byte, this.#position + at);
      else this.#control(byte);
    }
    this.#position += chunk.length;
    return { bytes: this.#plain.subarray(0, this.#length), starts: this.#starts };
  }

  #text(byte: number, position: number): void {
    if (byte >= 0x20 && byte !== DEL) {
      if (this.#carriageReturn) this.#endLine(position);
      this.#plain[this.#length++] = byte;
    } else if (byte === LF) this.#endLine(position + 1);
    else if (byte === CR) this.#carriageReturn = true;
    else if (byte === ESC) this.#state = "escape";
    else if (byte === TAB) {
      if (this.#carriageReturn) this.#endLine(position);
      this.#plain[this.#length++] = TAB;
    }
  }

  #endLine(next: number): void {
    this.#carriageReturn = false;
    this.#plain[this.#length++] = LF;
    this.#starts.push(next);
  }

  #control(byte: number): void {
    const inString = this.#state === "string" || this.#state === "string-escape";
    this.#stringLength = inString ? this.#stringLength + 1 : 0;
    if (byte === 0x18 || byte === 0x1a || this.#stringLength > longestString) this.#state = "text";
    else if (byte !== NUL) this.#state = next[this.#state](byte);
  }
}

const stringStarts = new Set([0x5d, 0x50, 0x58, 0x5e, 0x5f]);

/** Where a byte leads from each state. */
const next: Readonly<Record<State, (byte: number) => State>> = {
  text: () => "text",
  escape: (byte) => {
    if (byte === 0x5b) return "csi";
    if (stringStarts.has(byte)) return "string";
    if (byte >= 0x20 && byte <= 0x2f) return "intermediate";
    return byte === ESC ? "escape" : "text";
  },
  intermediate: (byte) => (byte === ESC ? "escape" : byte >= 0x30 ? "text" : "intermediate"),
  csi: (byte) => (byte === ESC ? "escape" : byte >= 0x40 && byte <= 0x7e ? "text" : "csi"),
  string: (byte) => (byte === BEL ? "text" : byte === ESC ? "string-escape" : "string"),
  // A sequence of its own may begin where the string's end was expected.
  "string-escape": (byte) => (byte === 0x5c ? "text" : next.escape(byte)),
};

/** The same for text: gives the plain text of the next chunk. */
export class EscapeFilter {
  readonly #filter = new ByteFilter();
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  #half = "";

  feed(chunk: string): string {
    const whole = this.#half + chunk;
    // A chunk may end between the two halves of a character.
    this.#half = /[\ud800-\udbff]$/.exec(whole)?.[0] ?? "";
    const bytes = Buffer.from(whole.slice(0, whole.length - this.#half.length));
    return this.#decoder.decode(this.#filter.feed(bytes).bytes, { stream: true });
  }
}
