import { realpath, stat } from "node:fs/promises";
import path from "node:path";
import type { Evidence } from "../model/record.ts";
import type { MatrixEvidence } from "./document.ts";

/**
 * Finds the evidence of a record on disk. `href` is set when the run directory lies beside `outFolder` (or in it), so that
 * both can be moved together; `problem` when the file is not there or its path leaves the run directory.
 */
export async function locateEvidence(entry: Evidence, runFolder: string, outFolder: string): Promise<MatrixEvidence> {
  const { name, sha256, bytes } = entry;
  const shown = { name, path: entry.path, sha256, bytes };
  const file = await fileOf(entry.path, runFolder);
  if (typeof file !== "string") return { ...shown, problem: file.problem };
  const found = await stat(file).catch(() => undefined);
  if (found?.size !== bytes) return { ...shown, problem: `the file has ${found?.size} bytes, not the ${bytes} that were recorded` };
  const base = hrefOf(runFolder, outFolder);
  return base === undefined ? shown : { ...shown, href: base + entry.path.split("/").map(encodeURIComponent).join("/") };
}

/** Absolute path of a piece of evidence, or why it must not or cannot be opened. */
export async function fileOf(relative: string, runFolder: string): Promise<string | { problem: string }> {
  if (leaves(relative)) return { problem: "the path leaves the run directory" };
  const real = await realpath(path.join(runFolder, relative)).catch(() => undefined);
  if (real === undefined) return { problem: "the file is missing" };
  return leaves(path.relative(runFolder, real)) ? { problem: "the path leaves the run directory" } : real;
}

/** Relative address of a run directory, ending in a slash, when it lies beside the published folder or inside it. */
export function hrefOf(runFolder: string, outFolder: string): string | undefined {
  const relative = path.relative(outFolder, runFolder).split(path.sep);
  const beside = relative[0] === ".." ? relative.slice(1) : relative;
  if (path.isAbsolute(relative.join("/")) || beside.includes("..")) return undefined;
  return `${relative.map(encodeURIComponent).join("/")}/`;
}

function leaves(relative: string): boolean {
  return path.isAbsolute(relative) || relative.split(/[\\/]/).includes("..");
}
