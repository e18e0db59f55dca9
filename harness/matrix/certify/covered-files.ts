import { lstat, stat } from "node:fs/promises";
import path from "node:path";
import { sha256File } from "../../host/sha256.ts";
import type { CellRecord } from "../../model/record.ts";
import { fileOf } from "../evidence.ts";
import { provenanceFile, recordsFile } from "../read-run.ts";

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

/** Everything a run directory's statement covers: its two files, and every piece of evidence any of its records names, also of attempts that were repeated. */
export function expectedOf(records: readonly CellRecord[]): Expected[] {
  const own = [recordsFile, provenanceFile].map((file) => ({ path: file, said: "the run" }));
  const evidence = records.flatMap((record) =>
    record.evidence.map(({ path: file, bytes, sha256 }) => ({ path: file, bytes, sha256, said: `${record.suite.name} › ${record.test}` })),
  );
  return [...own, ...evidence];
}

/**
 * Reads files of a run directory and compares them with what was said of them, each once. Paths that leave the directory, by name or by link,
 * and what is no regular file are never opened. `problems` says in words what does not hold, with the path first.
 */
export async function hashFiles(folder: string, expected: readonly Expected[]): Promise<{ files: CoveredFile[]; problems: string[] }> {
  const files = new Map<string, CoveredFile>();
  const problems: string[] = [];
  for (const one of expected) {
    const shown = printable(one.path);
    const known = files.get(one.path) ?? (await hashFile(folder, one.path));
    if ("problem" in known) {
      problems.push(`${shown}: ${known.problem} (${printable(one.said)})`);
      continue;
    }
    files.set(one.path, known);
    if (one.bytes !== undefined && one.bytes !== known.bytes)
      problems.push(`${shown}: has ${known.bytes} bytes, ${one.bytes} were recorded (${printable(one.said)})`);
    else if (one.sha256 !== undefined && one.sha256 !== known.sha256)
      problems.push(`${shown}: its bytes are not those that were recorded (${printable(one.said)})`);
  }
  return { files: [...files.values()].sort((a, b) => (a.path < b.path ? -1 : 1)), problems };
}

async function hashFile(folder: string, relative: string): Promise<CoveredFile | { problem: string }> {
  if (relative === "" || relative.includes("\0")) return { problem: "is no file name" };
  const file = await fileOf(relative, folder);
  if (typeof file !== "string") return { problem: file.problem };
  if ((await lstat(path.join(folder, relative))).isSymbolicLink()) return { problem: "is a symbolic link" };
  const found = await stat(file);
  if (!found.isFile()) return { problem: "is no regular file" };
  return { path: relative, bytes: found.size, sha256: await sha256File(file) };
}

/** Names come from files others wrote: they must not reach a terminal as commands. */
export function printable(text: string): string {
  return text.replace(/\p{C}/gu, "\ufffd").slice(0, 200);
}
