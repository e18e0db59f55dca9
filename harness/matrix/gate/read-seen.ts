import { randomBytes } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { InputError } from "../../model/errors.ts";
import { matrixDocument, type MatrixCell } from "../document.ts";
import { collect } from "../site/collect.ts";
import { runHeads } from "../site/run-head.ts";
import { Spill } from "../site/spill.ts";
import { seenIn, type Seen, type SeenCell } from "./seen.ts";

/**
 * Reads outcomes from run directories, or from a published `matrix.json`. Throws InputError for what is neither, naming each.
 */
export async function readSeen(paths: readonly string[]): Promise<Seen> {
  const published: string[] = [];
  const folders: string[] = [];
  for (const given of paths) ((await isMatrix(given)) ? published : folders).push(given);
  const documents = await Promise.all(published.map(readMatrix));
  const recorded = folders.length > 0 ? await readFolders(folders) : { cells: [], damage: [] };
  return {
    cells: together([...recorded.cells, ...documents.flatMap((document) => document.cells.map(cellOfMatrix))], documents.length),
    damage: [...recorded.damage, ...documents.flatMap(({ problems }) => problems.map(({ at, what }) => `${at}: ${what}`))],
  };
}

async function readFolders(folders: readonly string[]): Promise<Seen> {
  const heads = await runHeads(folders);
  const spill = new Spill(path.join(tmpdir(), `osbench-gate-${process.pid}-${randomBytes(6).toString("hex")}`));
  try {
    return seenIn(await collect(heads, spill), spill);
  } finally {
    spill.close();
  }
}

/** One cell of those that several sources have of it, newest first: which was named last says nothing. */
function together(cells: readonly SeenCell[], documents: number): readonly SeenCell[] {
  if (documents === 0) return cells;
  const byName = Map.groupBy(cells, ({ image, target, suite, test }) => JSON.stringify([image, target, suite, test]));
  return [...byName.values()].map((same) => {
    const [one] = same as [SeenCell, ...SeenCell[]];
    if (same.length === 1) return one;
    const all = same.flatMap(({ seen }) => seen).sort((a, b) => Date.parse(b.started) - Date.parse(a.started));
    return { ...one, seen: all as unknown as SeenCell["seen"] };
  });
}

async function isMatrix(given: string): Promise<boolean> {
  return stat(given).then(
    (found) => found.isFile(),
    () => false,
  );
}

async function readMatrix(file: string) {
  const remedy = "Give run directories, or the matrix.json that `osbench matrix` wrote.";
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    throw new InputError([{ at: { file }, what: `is no matrix: ${(error as Error).message}`, remedy }]);
  }
  const parsed = matrixDocument.safeParse(value);
  if (parsed.success) return parsed.data;
  const first = parsed.error.issues[0];
  throw new InputError([{ at: { file }, what: `is no matrix: ${first?.path.join(".") || "the whole"}: ${first?.message}`, remedy }]);
}

function cellOfMatrix({
  image,
  target,
  suite,
  test,
  outcome,
  started,
  version = "",
  digest,
  suiteDigest,
  failure,
  reason,
  history,
}: MatrixCell): SeenCell {
  const newest = { outcome, started, version, digest, suiteDigest, message: (failure?.message ?? reason)?.split("\n")[0] };
  const older = history.map((past) => ({
    ...past,
    version: past.version ?? "",
    digest: past.digest,
    suiteDigest: undefined,
    message: past.message,
  }));
  return { image, target, suite, test, seen: [newest, ...older] };
}
