/** One entry of a tar archive, extensions (pax, GNU long names) applied. Source: POSIX.1-2017, pax, "ustar Interchange Format". */
export interface TarEntry {
  readonly name: string;
  readonly type: "file" | "hardlink" | "symlink" | "character" | "block" | "directory" | "fifo";
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds. */
  readonly mtime: number;
  readonly size: number;
  /** Of links. */
  readonly target: string;
  readonly device: { readonly major: number; readonly minor: number };
  /** The file's bytes, to be read (or passed over) before the next entry is asked for. */
  content(): AsyncGenerator<Buffer>;
}

const types: Readonly<Record<string, TarEntry["type"]>> = {
  "0": "file",
  "\0": "file",
  "7": "file",
  "1": "hardlink",
  "2": "symlink",
  "3": "character",
  "4": "block",
  "5": "directory",
  "6": "fifo",
};
const block = 512;
/** Names and other words about an entry; what is larger is an attack. */
const largestExtension = 1 << 20;

/** Bytes of a stream, so many at a time. */
class Bytes {
  readonly #source: AsyncIterator<Buffer>;
  #held: Buffer[] = [];
  #length = 0;

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Some bytes, at most `most`; undefined at the end. */
  async some(most: number): Promise<Buffer | undefined> {
    if (this.#length === 0 && !(await this.#more())) return undefined;
    const [first] = this.#held as [Buffer];
    const part = first.subarray(0, most);
    if (part.length === first.length) this.#held.shift();
    else this.#held[0] = first.subarray(most);
    this.#length -= part.length;
    return part;
  }

  /** Exactly so many bytes; undefined at the end. Throws if the end comes in between. */
  async exactly(length: number): Promise<Buffer | undefined> {
    while (this.#length < length) if (!(await this.#more())) break;
    if (this.#length === 0 && length > 0) return undefined;
    if (this.#length < length) throw new Error("the archive is cut short");
    const all = Buffer.concat(this.#held);
    this.#held = all.length > length ? [all.subarray(length)] : [];
    this.#length = all.length - length;
    return all.subarray(0, length);
  }

  async #more(): Promise<boolean> {
    const { value, done } = await this.#source.next();
    if (done) return false;
    this.#held.push(value);
    this.#length += value.length;
    return true;
  }
}

/** Reads a tar archive entry by entry. Throws an Error that says what is wrong with the archive. */
export async function* readTar(source: AsyncIterable<Buffer>): AsyncGenerator<TarEntry> {
  const bytes = new Bytes(source);
  let extensions: Record<string, string> = {};
  for (;;) {
    const header = await bytes.exactly(block);
    if (!header || header.every((byte) => byte === 0)) {
      // Whoever writes must get rid of what stands behind the end.
      while (await bytes.some(1 << 20));
      return;
    }
    checkSum(header);
    const size = extensions["size"] === undefined ? number(header, 124, 12) : Number(extensions["size"]);
    if (!Number.isSafeInteger(size) || size < 0) throw new Error(`an entry says it has ${size} bytes`);
    const padded = Math.ceil(size / block) * block;
    const flag = header.toString("latin1", 156, 157);
    if ("xLKg".includes(flag)) {
      if (size > largestExtension) throw new Error(`an extended header of ${size} bytes`);
      const text = ((await bytes.exactly(padded)) ?? Buffer.alloc(0)).subarray(0, size);
      if (flag === "x") extensions = { ...extensions, ...paxRecords(text) };
      else if (flag === "L") extensions["path"] = text.toString().replace(/\0.*$/s, "");
      else if (flag === "K") extensions["linkpath"] = text.toString().replace(/\0.*$/s, "");
      continue;
    }
    const type = types[flag];
    if (!type) throw new Error(`an entry of unknown type ${JSON.stringify(flag)}`);
    let left = type === "file" ? size : 0;
    let padding = type === "file" ? padded - size : padded;
    const prefix = header.toString("latin1", 257, 262) === "ustar" && header[263] !== 0x20 ? text(header, 345, 155) : "";
    const short = text(header, 0, 100);
    const entry: TarEntry = {
      name: extensions["path"] ?? (prefix === "" ? short : `${prefix}/${short}`),
      type,
      mode: number(header, 100, 8) & 0o7777,
      uid: Number(extensions["uid"] ?? number(header, 108, 8)),
      gid: Number(extensions["gid"] ?? number(header, 116, 8)),
      mtime: Number(extensions["mtime"] ?? number(header, 136, 12)),
      size: type === "file" ? size : 0,
      target: extensions["linkpath"] ?? text(header, 157, 100),
      device: { major: number(header, 329, 8), minor: number(header, 337, 8) },
      async *content() {
        while (left > 0) {
          const part = await bytes.some(left);
          if (!part) throw new Error("the archive is cut short");
          left -= part.length;
          yield part;
        }
      },
    };
    extensions = {};
    yield entry;
    for await (const _ of entry.content());
    while (padding > 0) padding -= (await bytes.some(padding))?.length ?? padding;
  }
}

function text(header: Buffer, at: number, length: number): string {
  return header.toString("utf8", at, at + length).replace(/\0.*$/s, "");
}

/** Octal, or base 256 where the first bit is set (GNU). */
function number(header: Buffer, at: number, length: number): number {
  if ((header[at] as number) & 0x80) return Number(header.readBigUInt64BE(at + length - 8));
  return Number.parseInt(text(header, at, length).trim() || "0", 8);
}

function checkSum(header: Buffer): void {
  const sum = header.reduce((all, byte, index) => all + (index >= 148 && index < 156 ? 0x20 : byte), 0);
  if (sum !== number(header, 148, 8)) throw new Error("a header does not match its checksum: is this a tar archive?");
}

/** `LENGTH KEY=VALUE\n`, the length counted in bytes. */
function paxRecords(bytes: Buffer): Record<string, string> {
  const records: Record<string, string> = {};
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(0x20, at);
    const length = Number(bytes.toString("latin1", at, space));
    if (space < 0 || !(length > 0)) throw new Error("a pax header is malformed");
    const record = bytes.toString("utf8", space + 1, at + length - 1);
    records[record.slice(0, record.indexOf("="))] = record.slice(record.indexOf("=") + 1);
    at += length;
  }
  return records;
}
