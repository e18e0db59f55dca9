import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { cachePath } from "../../host/cache.ts";

/** Compiled code nobody read for so long belongs to an osbench that was changed or removed. Milliseconds. */
const keptMs = 7 * 24 * 60 * 60_000;

/** Removes compiled code in osbench's own cache that was not read for a week: Node itself never does. A file that goes too early is only made again. */
export async function removeOldCode(folder: string = join(cachePath(), "compiled")): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((one) => one.isFile())) {
    const file = join(entry.parentPath, entry.name);
    // relatime (mount(8)) keeps access times to a day.
    const { atimeMs, mtimeMs } = await stat(file);
    if (Date.now() - Math.max(atimeMs, mtimeMs) > keptMs) await rm(file, { force: true });
  }
}
