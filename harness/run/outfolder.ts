import { accessSync, constants, existsSync, mkdirSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Problem } from "../model/errors.ts";
import { provenanceFile } from "./provenance.ts";
import { recordsFile } from "./journal.ts";

/** A name for a run, unique on this host and sorted by time: `2026-01-02T030405Z-4711`. */
export function runName(now: Date = new Date(), pid: number = process.pid): string {
  return `${now
    .toISOString()
    .replace(/\.\d+Z$/, "Z")
    .replaceAll(":", "")}-${pid}`;
}

/** Where a run goes: the folder that was asked for, else `out/<run>`. Absolute. */
export function outFolderOf(run: string, asked: string | undefined): string {
  return resolve(asked ?? join("out", run));
}

/** What keeps a folder from taking a run; nothing is made yet. */
export function outFolderProblems(folder: string): Problem[] {
  const at = { flag: "--out" };
  const nearest = nearestExisting(folder);
  if (!statSync(nearest).isDirectory())
    return [{ at, what: `${nearest} is not a folder`, remedy: "Name a folder that does not exist yet." }];
  const found = [recordsFile, provenanceFile].find((file) => existsSync(join(folder, file)));
  if (found !== undefined) {
    const remedy = "Records are never mixed or overwritten. Name a new folder, or leave --out away for one of its own below out/.";
    return [{ at, what: `${folder} already holds a run (${found})`, remedy }];
  }
  try {
    accessSync(nearest, constants.W_OK | constants.X_OK);
    return [];
  } catch {
    return [{ at, what: `${nearest} cannot be written to`, remedy: "Name a folder you may write to." }];
  }
}

/** The folder itself, or the nearest parent that exists: what file system it will lie on. */
export function nearestExisting(folder: string): string {
  let nearest = resolve(folder);
  while (!existsSync(nearest)) nearest = dirname(nearest);
  return nearest;
}

export function makeOutFolder(folder: string): void {
  mkdirSync(join(folder, "evidence"), { recursive: true });
}
