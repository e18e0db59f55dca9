import { stat } from "node:fs/promises";
import { join } from "node:path";
import { cacheFolder, remember } from "./cache.ts";
import { sha256, sha256File } from "./sha256.ts";

/** sha256 of a file's bytes, in hexadecimal, remembered by path, inode, size and time of change: disks and firmware are large, and seldom change. */
export async function rememberedDigest(file: string): Promise<string> {
  const { size, mtimeMs, ino } = await stat(file);
  const key = sha256(JSON.stringify([file, size, mtimeMs, ino]));
  return await remember(join(cacheFolder(), "digests", `${key}.json`), () => sha256File(file));
}
