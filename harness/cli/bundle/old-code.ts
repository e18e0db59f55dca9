import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";

/** Compiled code nobody read for so long belongs to an osbench that was changed or removed. Milliseconds. */
const keptMs = 7 * 24 * 60 * 60_000;

/** Removes compiled code (NODE_COMPILE_CACHE) that was not read for a week: Node itself never does. A file that goes too early is only made again. */
export async function removeOldCode(folder: string | undefined = process.env["NODE_COMPILE_CACHE"]): Promise<void> {
  if (!folder) return;
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((one) => one.isFile())) {
    const file = join(entry.parentPath, entry.name);
    // relatime (mount(8)) keeps access times to a day.
    const { atimeMs, mtimeMs } = await stat(file);
    if (Date.now() - Math.max(atimeMs, mtimeMs) > keptMs) await rm(file, { force: true });
  }
}
