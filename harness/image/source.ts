import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { InputError } from "../model/errors.ts";

/** Bytes that can be read at any place: a file, a partition of it, a file inside that. Only what is asked for is read. */
export interface ByteSource {
  /** What a person calls it: `disk.raw`, `disk.raw, partition 1`, `disk.raw, partition 1, /EFI/BOOT/BOOTX64.EFI`. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Exactly these bytes. Throws FormatError past the end. */
  read(offset: number, length: number): Buffer;
}

/** A file does not follow the format it claims to have. The file is the user's, so this is wrong input. */
export class FormatError extends InputError {
  /** What is wrong, without the file's name. */
  readonly what: string;
  constructor(source: { readonly name: string }, what: string) {
    super([{ at: { file: source.name }, what }], "OSB_IMAGE_FORMAT");
    this.what = what;
  }
}

/**
 * Opens a regular file, hands it over and closes it, also after a failure.
 * Throws InputError at `flag` (or the file) if it is missing, no regular file, empty or may not be read.
 */
export async function withFile<T>(file: string, use: (source: ByteSource) => T | Promise<T>, flag?: string): Promise<T> {
  const fd = open(file, flag);
  try {
    const stat = fstatSync(fd);
    if (stat.isDirectory()) throw badFile(file, flag, "is a directory", "Name the image file inside it.");
    if (!stat.isFile()) throw badFile(file, flag, "is no regular file", "Copy it into a file first.");
    if (stat.size === 0) throw badFile(file, flag, "is empty", "Was its build or download cut short?");
    return await use({
      name: file,
      size: stat.size,
      read(offset, length) {
        const bytes = Buffer.alloc(length);
        checkRange(this, offset, length);
        for (let done = 0; done < length;) {
          const count = readSync(fd, bytes, done, length - done, offset + done);
          if (count === 0) throw new FormatError(this, `ends at byte ${offset + done} while being read: did it shrink?`);
          done += count;
        }
        return bytes;
      },
    });
  } finally {
    closeSync(fd);
  }
}

function open(file: string, flag: string | undefined): number {
  try {
    return openSync(file, "r");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR")
      throw badFile(file, flag, "does not exist", "Check the path; relative paths start at the current folder.");
    if (code === "EACCES" || code === "EPERM")
      throw badFile(file, flag, "may not be read by you", `Give yourself permission: chmod u+r ${file}`);
    throw badFile(file, flag, `cannot be opened (${code ?? String(error)})`);
  }
}

function badFile(file: string, flag: string | undefined, what: string, remedy?: string): InputError {
  const problem = flag === undefined ? { at: { file }, what } : { at: { flag }, what: `${file} ${what}` };
  return new InputError([remedy === undefined ? problem : { ...problem, remedy }], "OSB_IMAGE_FILE");
}

/** Bytes in memory as a source. */
export function bytesSource(name: string, bytes: Uint8Array): ByteSource {
  return {
    name,
    size: bytes.length,
    read(offset, length) {
      checkRange(this, offset, length);
      return Buffer.from(bytes.subarray(offset, offset + length));
    },
  };
}

/** A stretch of another source. Throws FormatError if it does not lie within it. */
export function slice(source: ByteSource, name: string, offset: number, size: number): ByteSource {
  checkRange(source, offset, size);
  return {
    name,
    size,
    read(at, length) {
      checkRange(this, at, length);
      return source.read(offset + at, length);
    },
  };
}

/** A file scattered over several stretches of another source, in order. */
export function scattered(
  source: ByteSource,
  name: string,
  size: number,
  extents: readonly { offset: number; length: number }[],
): ByteSource {
  return {
    name,
    size,
    read(at, length) {
      checkRange(this, at, length);
      const parts: Buffer[] = [];
      let start = 0;
      for (const extent of extents) {
        const from = Math.max(at, start);
        const to = Math.min(at + length, start + extent.length);
        if (from < to) parts.push(source.read(extent.offset + from - start, to - from));
        start += extent.length;
        if (start >= at + length) break;
      }
      return parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts, length);
    },
  };
}

function checkRange(source: ByteSource, offset: number, length: number): void {
  if (offset < 0 || length < 0 || offset + length > source.size) {
    throw new FormatError(source, `bytes ${offset} to ${offset + length} are needed, it has ${source.size}: is it cut short?`);
  }
}

/** What was read, or undefined where the format is broken, which then is a problem. */
export function noting<T>(problems: string[], read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    problems.push(error.what);
    return undefined;
  }
}
