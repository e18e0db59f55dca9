import { lstat, mkdir, readdir, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import { discard, inUse, shelfFolder, sweep, type Shelved } from "./shelf.ts";

/** What all moments together may take on the disk. Those used longest ago go first. */
const mostBytes = 12 * 2 ** 30;
/** A moment nobody used for so long goes. */
const oldestMs = 14 * 24 * 3_600_000;
/** What stays free on the disk beside a new moment. */
const reserveBytes = 2 * 2 ** 30;

export interface Stored extends Shelved {
  /** On the disk; most of a guest's memory is a hole. */
  readonly bytes: number;
  readonly lastUsed: Date;
  readonly inUse: boolean;
}

/** Every moment of the cache, last used first. */
export async function storedMoments(): Promise<Stored[]> {
  const all = (await sweep()).map(async (one) => {
    const lastUsed = (await stat(join(one.folder, "moment.json")).catch(() => undefined))?.mtime ?? new Date(0);
    return { ...one, bytes: await bytesOf(one.folder), lastUsed, inUse: await inUse(one.folder) };
  });
  return (await Promise.all(all)).sort((a, b) => b.lastUsed.getTime() - a.lastUsed.getTime());
}

/**
 * Removes what is too old, and what was used longest ago until `bytes` more fit. Resolves with why they do not fit even then; undefined if they do.
 * What is in use stays.
 */
export async function makeRoom(bytes: number, most = mostBytes): Promise<string | undefined> {
  await mkdir(shelfFolder(), { recursive: true, mode: 0o700 });
  const stored = await storedMoments();
  let kept = stored.filter((one) => one.inUse).reduce((sum, one) => sum + one.bytes, 0);
  let old = false;
  for (const one of stored.filter((candidate) => !candidate.inUse)) {
    old ||= kept + one.bytes + bytes > most || Date.now() - one.lastUsed.getTime() > oldestMs;
    if (!old || !(await discard(one.folder))) kept += one.bytes;
  }
  const { bavail, bsize } = await statfs(shelfFolder());
  const free = bavail * bsize;
  if (free >= bytes + reserveBytes) return undefined;
  return `the disk of ${shelfFolder()} has ${mib(free)} MiB free, a moment may need ${mib(bytes + reserveBytes)}`;
}

export function mib(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}

/** What a folder's files take on the disk, in bytes. */
export async function bytesOf(folder: string): Promise<number> {
  const files = await readdir(folder).catch(() => []);
  const sizes = await Promise.all(files.map(async (name) => (await lstat(join(folder, name)).catch(() => undefined))?.blocks ?? 0));
  return sizes.reduce((sum, blocks) => sum + blocks, 0) * 512;
}
