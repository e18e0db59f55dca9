import { spawn } from "node:child_process";
import { createReadStream, existsSync } from "node:fs";
import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import type { Duplex, Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { cacheFolder, requireSpace } from "../host/cache.ts";
import { keepNewest } from "../host/evict.ts";
import { withLock } from "../host/lock.ts";
import { sha256 } from "../host/sha256.ts";
import { InputError } from "../model/errors.ts";
import { recognise } from "./form.ts";
import { withFile } from "./source.ts";

export interface UnpackOptions {
  /** How the user named the file, for error messages. */
  readonly flag: string;
  readonly progress?: (line: string) => void;
  readonly signal?: AbortSignal;
}

const keptImages = 4;

interface Unpacking {
  readonly content: Readable;
  /** Rejects when what came was not all there is. */
  readonly whole: Promise<void>;
}

/** How each format is unpacked. */
const unpackers: Readonly<Record<string, (file: string) => Unpacking>> = {
  gzip: (file) => through(file, createGunzip()),
  zstd: (file) => through(file, createZstdDecompress()),
  xz: (file) => output("xz", ["--decompress", "--stdout", "--", file]),
};

/**
 * The file itself, or what is packed in it (gzip, zstd, xz): unpacked into the cache once, and again when the file has changed.
 * Throws InputError at the flag if it is damaged or its program is missing.
 */
export async function unpacked(file: string, { flag, ...options }: UnpackOptions): Promise<string> {
  const format = await withFile(file, (source) => recognise(source, () => true).format, flag);
  const unpacker = unpackers[format];
  if (!unpacker) return file;
  const { size, mtimeMs, ino } = await stat(file);
  const shelf = join(cacheFolder(), "unpacked");
  const folder = join(shelf, sha256(JSON.stringify([file, ino, size, mtimeMs])).slice(0, 16));
  const content = join(folder, basename(file, extname(file)));
  await mkdir(shelf, { recursive: true });
  await withLock(`unpack-${basename(folder)}`, `unpacking ${file}`, options, async () => {
    if (existsSync(folder)) return;
    await requireSpace(shelf, size * 4, `unpacking ${file}`);
    options.progress?.(`unpacking ${file} (once)`);
    const draft = `${folder}.draft`;
    await rm(draft, { recursive: true, force: true });
    await mkdir(draft, { recursive: true });
    try {
      const { content: bytes, whole } = unpacker(file);
      await Promise.all([whole, writeSparsely(bytes, join(draft, basename(content)), options.signal)]);
    } catch (error) {
      await rm(draft, { recursive: true, force: true });
      options.signal?.throwIfAborted();
      const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
      const what = missing
        ? `${file} is packed with ${format}, and this host has no ${format}`
        : `${file} cannot be unpacked: ${(error as Error).message}`;
      const remedy = missing ? `Debian: apt-get install ${format}-utils` : "Was its build or download cut short?";
      throw new InputError([{ at: { flag }, what, remedy }], "OSB_IMAGE_FILE");
    }
    await rename(draft, folder);
  });
  await keepNewest(shelf, keptImages, [folder]);
  return content;
}

function through(file: string, unpack: Duplex): Unpacking {
  return { content: unpack, whole: pipeline(createReadStream(file), unpack) };
}

/** What a program writes. That it wrote all of it only its exit code says. */
function output(command: string, argv: readonly string[]): Unpacking {
  const child = spawn(command, argv, { stdio: ["ignore", "pipe", "pipe"] });
  let complaint = "";
  child.stderr.on("data", (text: Buffer) => (complaint += text.toString()));
  const whole = new Promise<void>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) =>
      code === 0 ? resolve() : reject(new Error(complaint.trim() || `${command} ended with exit code ${code}`)),
    );
  });
  return { content: child.stdout, whole };
}

const block = 64 * 1024;

/** Disk images are mostly zeros, which need not take room. */
async function writeSparsely(content: Readable, file: string, signal: AbortSignal | undefined): Promise<void> {
  const handle = await open(file, "wx");
  let length = 0;
  try {
    for await (const chunk of content as AsyncIterable<Buffer>) {
      signal?.throwIfAborted();
      for (let at = 0; at < chunk.length; at += block) {
        const part = chunk.subarray(at, at + block);
        if (part.some((byte) => byte !== 0)) await handle.write(part, 0, part.length, length + at);
      }
      length += chunk.length;
    }
    await handle.truncate(length);
  } finally {
    await handle.close();
  }
}
