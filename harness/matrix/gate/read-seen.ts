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
    cells: [...recorded.cells, ...documents.flatMap((document) => document.cells.map(cellOfMatrix))],
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
  digest,
  suiteDigest,
  failure,
  reason,
  history,
}: MatrixCell): SeenCell {
  const newest = { outcome, started, digest, suiteDigest, message: (failure?.message ?? reason)?.split("\n")[0] };
  const older = history.map((past) => ({ ...past, digest: past.digest, suiteDigest: undefined, message: past.message }));
  return { image, target, suite, test, seen: [newest, ...older] };
}
