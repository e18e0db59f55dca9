import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";

/** Removes all but the `count` newest entries (by modification time) of a folder of the cache, and never those in `keep`. What goes with an entry (`entry.facts`) goes with it. */
export async function keepNewest(folder: string, count: number, keep: readonly string[] = []): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const whole = entries.filter((entry) => entry.isDirectory() && !entry.name.includes(".")).map((entry) => join(folder, entry.name));
  const ages = await Promise.all(whole.map(async (path) => ({ path, time: (await stat(path).catch(() => undefined))?.mtimeMs ?? 0 })));
  const old = ages
    .sort((a, b) => b.time - a.time)
    .map((one) => one.path)
    .filter((path) => !keep.includes(path))
    .slice(Math.max(0, count - keep.length));
  for (const path of old) {
    await rm(path, { recursive: true, force: true });
    await rm(`${path}.facts`, { recursive: true, force: true });
  }
}
