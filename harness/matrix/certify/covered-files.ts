import { lstat, stat } from "node:fs/promises";
import path from "node:path";
import { sha256File } from "../../host/sha256.ts";
import { fileOf } from "../evidence.ts";

/** A file of a run directory as its bytes are. */
export interface CoveredFile {
  /** Relative to the run directory, with slashes. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** What a file was said to be: where that is said, and which bytes it should have. */
export interface Expected extends Pick<CoveredFile, "path"> {
  readonly said: string;
  readonly bytes?: number | undefined;
  readonly sha256?: string | undefined;
}

export type Hashed = CoveredFile | { readonly problem: string };

/** Reads a file of a run directory. Paths that leave the directory, by name or by link, and what is no regular file are never opened. */
export async function hashFile(folder: string, relative: string): Promise<Hashed> {
  if (relative === "" || relative.includes("\0")) return { problem: "is no file name" };
  const file = await fileOf(relative, folder);
  if (typeof file !== "string") return { problem: file.problem };
  if ((await lstat(path.join(folder, relative))).isSymbolicLink()) return { problem: "is a symbolic link" };
  const found = await stat(file);
  if (!found.isFile()) return { problem: "is no regular file" };
  return { path: relative, bytes: found.size, sha256: await sha256File(file) };
}

/** What of a file is not as it was said to be, in words with the path first. */
export function discord(expected: Expected, found: Hashed): string | undefined {
  const at = `${printable(expected.path)}:`;
  const said = `(${printable(expected.said)})`;
  if ("problem" in found) return `${at} ${found.problem} ${said}`;
  if (expected.bytes !== undefined && expected.bytes !== found.bytes)
    return `${at} has ${found.bytes} bytes, ${expected.bytes} were recorded ${said}`;
  if (expected.sha256 !== undefined && expected.sha256 !== found.sha256) return `${at} its bytes are not those that were recorded ${said}`;
  return undefined;
}

/** Names come from files others wrote: they must not reach a terminal as commands. */
export function printable(text: string): string {
  return text.replace(/\p{C}/gu, "\ufffd").slice(0, 200);
}
