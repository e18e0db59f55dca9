import { accessSync, constants, mkdirSync } from "node:fs";
import { mkdir, readFile, rename, rm, statfs, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import { HarnessError, InputError } from "../model/errors.ts";

/** Where the cache lies: $XDG_CACHE_HOME/osbench, or ~/.cache/osbench (XDG Base Directory Specification: a relative value is ignored). */
export function cachePath(): string {
  const asked = process.env["XDG_CACHE_HOME"];
  return join(asked && isAbsolute(asked) ? asked : join(homedir(), ".cache"), "osbench");
}

/** The cache folder, made if missing. Throws InputError if it cannot be made, read or written. */
export function cacheFolder(): string {
  const folder = cachePath();
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    return folder;
  } catch (error) {
    throw new InputError([
      {
        at: { file: folder },
        what: `osbench's cache cannot be used: ${(error as Error).message}`,
        remedy: "Give it a folder you can write to: XDG_CACHE_HOME=/path/with/5-GB-free osbench …",
      },
    ]);
  }
}

/** Throws HarnessError unless the file system that holds `folder` has `bytes` free for `what`. */
export async function requireSpace(folder: string, bytes: number, what: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free >= bytes) return;
  throw new HarnessError("OSB_DISK_FULL", `${what} needs ${mib(bytes)} MiB, the file system of ${folder} has ${mib(free)} MiB free`, {
    hint: "Free some space, or put the cache elsewhere with XDG_CACHE_HOME. Everything in it can be deleted at any time.",
  });
}

function mib(bytes: number): number {
  return Math.ceil(bytes / 2 ** 20);
}

/** Writes a file so that readers see the old content or the new, never a part of it. */
export async function writeWhole(file: string, content: string | Iterable<string>): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  try {
    await writeFile(draft, content);
    await rename(draft, file);
  } finally {
    await rm(draft, { force: true });
  }
}

/**
 * Returns the JSON value kept in `file`, or makes it and keeps it. A damaged file counts as missing. What is not `worthKeeping` is neither kept nor
 * believed if somebody kept it.
 */
export async function remember<T>(file: string, make: () => Promise<T>, worthKeeping: (value: T) => boolean = () => true): Promise<T> {
  try {
    const kept = JSON.parse(await readFile(file, "utf8")) as T;
    if (worthKeeping(kept)) return kept;
  } catch {
    // Missing or damaged: made anew.
  }
  const value = await make();
  if (worthKeeping(value)) await writeWhole(file, JSON.stringify(value));
  return value;
}
