import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { InputError, type Problem } from "../model/errors.ts";
import { suggest } from "../model/nearest.ts";

export interface SuiteFile {
  /** Absolute path. */
  readonly file: string;
  readonly kind: "yaml" | "typescript";
}

function kindOf(file: string): SuiteFile["kind"] | undefined {
  if (file.endsWith(".suite.yaml")) return "yaml";
  return file.endsWith(".test.ts") ? "typescript" : undefined;
}

/**
 * Every suite file in the given files and folders (searched to the bottom), each once, in path order.
 * Throws InputError for a path that does not exist, is no suite file, or is a folder without any.
 */
export async function findSuites(paths: readonly string[]): Promise<readonly SuiteFile[]> {
  const problems: Problem[] = [];
  const found = new Map<string, SuiteFile>();
  for (const given of paths) {
    const place = path.resolve(given);
    const kind = kindOf(place);
    const status = await stat(place).catch(() => undefined);
    if (!status) problems.push({ at: { file: given }, what: "there is no such file or folder", remedy: await remedy(place) });
    else if (status.isFile() && kind) found.set(place, { file: place, kind });
    else if (status.isFile())
      problems.push({ at: { file: given }, what: "is no suite", remedy: "Suites are named *.suite.yaml or *.test.ts." });
    else {
      const inside = await searchFolder(place).catch((error: NodeJS.ErrnoException) => error);
      if (inside instanceof Error) {
        problems.push({
          at: { file: given },
          what: `cannot be searched: ${inside.message}`,
          remedy: "Give yourself permission, or name the suites in it.",
        });
        continue;
      }
      if (inside.length === 0) {
        problems.push({
          at: { file: given },
          what: "the folder holds no suite",
          remedy: "Put a *.suite.yaml or *.test.ts file in it; docs/writing-a-suite.md shows how.",
        });
      }
      for (const file of inside) found.set(file.file, file);
    }
  }
  if (problems.length > 0) throw new InputError(problems, "OSB_SUITE_PATH");
  return [...found.values()].toSorted((a, b) => (a.file < b.file ? -1 : 1));
}

async function searchFolder(folder: string): Promise<readonly SuiteFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.flatMap((entry) => {
    const kind = entry.isFile() && !entry.parentPath.includes("node_modules") ? kindOf(entry.name) : undefined;
    return kind ? [{ file: path.join(entry.parentPath, entry.name), kind }] : [];
  });
}

/** Names what lies beside the place that was meant. */
async function remedy(place: string): Promise<string> {
  const entries = await readdir(path.dirname(place), { withFileTypes: true }).catch(() => undefined);
  const names = entries?.filter((entry) => entry.isDirectory() || kindOf(entry.name)).map((entry) => entry.name);
  if (!names) return `The folder ${path.dirname(place)} does not exist either, or may not be read by you.`;
  const hint = suggest(path.basename(place), names);
  return `${hint.charAt(0).toUpperCase()}${hint.slice(1)}`;
}
