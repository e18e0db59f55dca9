import { copyFile, mkdir, readdir, stat } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { sha256File } from "../host/sha256.ts";
import type { Evidence } from "../model/record.ts";

/**
 * Lists every file below a cell's evidence folder with size and sha256, sorted by path; nothing if the folder does not exist.
 * Paths are relative to the run directory, so that the directory can be copied anywhere.
 */
export async function listEvidence(runFolder: string, cellFolder: string): Promise<Evidence[]> {
  const files = await filesBelow(cellFolder);
  return Promise.all(
    files.map(async (file) => ({
      name: relative(cellFolder, file),
      path: relative(runFolder, file),
      sha256: await sha256File(file),
      bytes: (await stat(file)).size,
    })),
  );
}

/**
 * Copies the evidence a machine has left so far to a folder of its own. A machine that several tests share goes on writing after the first
 * of them is recorded, and a digest of a file that still grows proves nothing.
 */
export async function freezeEvidence(liveFolder: string, frozenFolder: string): Promise<void> {
  for (const file of await filesBelow(liveFolder)) {
    const copy = join(frozenFolder, relative(liveFolder, file));
    await mkdir(dirname(copy), { recursive: true });
    await copyFile(file, copy);
  }
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
