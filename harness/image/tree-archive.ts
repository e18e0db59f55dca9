import { createReadStream, existsSync } from "node:fs";
import { mkdir, rename, rm, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { cacheFolder, requireSpace } from "../host/cache.ts";
import { keepNewest } from "../host/evict.ts";
import { withLock } from "../host/lock.ts";
import { sha256 } from "../host/sha256.ts";
import { InputError } from "../model/errors.ts";
import { applyLayer, LayerRefused } from "./oci-layer.ts";
import { unpacked } from "./unpack.ts";

export interface ArchiveOptions {
  readonly signal?: AbortSignal | undefined;
  readonly progress?: (line: string) => void;
}

const kept = 4;

/**
 * The folder at a path, or what a tar archive at that path holds (plain, or packed with gzip, zstd or xz): unpacked into the cache once, and again when the
 * archive has changed. Nothing outside of the cache is written, whatever the archive names. Throws InputError `OSB_IMAGE_FILE` for an archive
 * that cannot be unpacked.
 */
export async function treeFolder(path: string, { signal, progress }: ArchiveOptions = {}): Promise<string> {
  const named = await stat(path).catch(() => undefined);
  if (named?.isDirectory() ?? true) return path;
  const file = await unpacked(path, { flag: "--image", ...(signal && { signal }), ...(progress && { progress }) });
  const { size, mtimeMs, ino } = await stat(file);
  const shelf = join(cacheFolder(), "archives");
  const isRoot = process.getuid?.() === 0;
  // What somebody who is not root unpacks belongs to nobody else.
  const folder = join(shelf, sha256(JSON.stringify([file, ino, size, mtimeMs, process.getuid?.()])).slice(0, 16));
  await mkdir(shelf, { recursive: true });
  await withLock(`archive-${basename(folder)}`, `unpacking ${path}`, { signal }, async () => {
    if (existsSync(folder)) return;
    await requireSpace(shelf, size, `unpacking ${path}`);
    progress?.(`unpacking ${path} (once)`);
    const draft = `${folder}.draft`;
    await rm(draft, { recursive: true, force: true });
    await mkdir(draft, { mode: 0o755 });
    try {
      await applyLayer(createReadStream(file), draft, "archive");
      await rename(draft, folder);
    } catch (error) {
      const what = `${error instanceof LayerRefused ? "" : "cannot be unpacked: "}${(error as Error).message}`;
      const damaged = isRoot
        ? "Was its build or download cut short?"
        : "Device nodes are made by root only: use sudo. Or was it cut short?";
      const remedy = error instanceof LayerRefused ? "Nothing outside the root is touched; do not use this archive." : damaged;
      throw new InputError([{ at: { file: path }, what, remedy }], "OSB_IMAGE_FILE");
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
  });
  await keepNewest(shelf, kept, [folder]);
  return folder;
}
