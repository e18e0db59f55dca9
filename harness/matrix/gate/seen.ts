import { readFile, stat } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import path from "node:path";
import { InputError } from "../../model/errors.ts";
import type { Outcome } from "../../model/record.ts";
import { matrixDocument, type MatrixCell } from "../document.ts";
import type { Damage } from "../read-run.ts";
import { whatCounts } from "../site/cell-sightings.ts";
import { collect } from "../site/collect.ts";
import { runHeads } from "../site/run-head.ts";
import { unpackSighting, type SightingLine } from "../site/sighting-line.ts";
import { Spill } from "../site/spill.ts";

/** One outcome of a cell, and what it is an outcome of. */
export interface Observation {
  readonly outcome: Outcome;
  readonly started: string;
  /** Of the image that was tested; undefined for an image that could not be built. */
  readonly digest: string | undefined;
  /** Of the suite as it was run; undefined where it is not known. */
  readonly suiteDigest: string | undefined;
  /** First line of the failure, or the reason. */
  readonly message: string | undefined;
}

/** A cell with everything that was ever seen of it, newest first, at least one. */
export interface SeenCell {
  readonly image: string;
  readonly target: string;
  readonly suite: string;
  readonly test: string;
  readonly seen: readonly [Observation, ...Observation[]];
}

export interface Seen {
  readonly cells: readonly SeenCell[];
  /** Damage that may hide outcomes, as `file:line: what`. */
  readonly damage: readonly string[];
}

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

/** Holds of each record only what is decided by; the records themselves are read one at a time. */
async function readFolders(folders: readonly string[]): Promise<Seen> {
  const heads = await runHeads(folders);
  const spill = new Spill(path.join(tmpdir(), `osbench-gate-${process.pid}-${randomBytes(6).toString("hex")}`));
  try {
    const collected = await collect(heads, spill);
    const own = heads.map(() => 0);
    const columns = collected.columns.ordered().map(({ column, met }) => [met, column] as const);
    const columnOf = new Map(columns);
    const cells = collected.rows.ordered().flatMap(({ suite, met }) =>
      met.flatMap((row, place) =>
        [...Map.groupBy(spill.read(row).map(unpackSighting), (line) => line.column)].map(([met, lines]): SeenCell => {
          const { image, target } = columnOf.get(met)!;
          const seen = whatCounts(lines, collected, own).map((line) => observationOf(line, collected.texts.texts));
          return { image, target, suite: suite.suite, test: suite.tests[place]!, seen: seen as unknown as SeenCell["seen"] };
        }),
      ),
    );
    return { cells, damage: collected.damage.flat().map(damageWords) };
  } finally {
    spill.close();
  }
}

function observationOf({ outcome, started, digest, suiteDigest, message }: SightingLine, texts: readonly string[]): Observation {
  const named = (number: number) => texts[number] || undefined;
  return {
    outcome,
    started: new Date(started).toISOString(),
    digest: named(digest),
    suiteDigest: named(suiteDigest),
    message: message || undefined,
  };
}

function damageWords({ folder, file, line, what }: Damage): string {
  return `${path.relative("", path.join(folder, file))}${line === undefined ? "" : `:${line}`}: ${what}`;
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
