import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { InputError } from "../../model/errors.ts";
import type { Outcome } from "../../model/record.ts";
import { matrixDocument, type MatrixCell } from "../document.ts";
import { readRuns } from "../read-runs.ts";
import { sightings, type Sighting } from "../sightings.ts";

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
  const runs = await readRuns(folders);
  const documents = await Promise.all(published.map(readMatrix));
  return {
    cells: [...[...sightings(runs).values()].map(cellOfSightings), ...documents.flatMap((document) => document.cells.map(cellOfMatrix))],
    damage: [
      ...runs.flatMap((run) =>
        run.damage.map(
          ({ folder, file, line, what }) => `${path.relative("", path.join(folder, file))}${line === undefined ? "" : `:${line}`}: ${what}`,
        ),
      ),
      ...documents.flatMap(({ problems }) => problems.map(({ at, what }) => `${at}: ${what}`)),
    ],
  };
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

function cellOfSightings(known: readonly Sighting[]): SeenCell {
  const { image, target, suite, test } = known[0]!;
  const seen = known.map(({ outcome, started, digest, reason, record }) => ({
    outcome,
    started,
    digest,
    suiteDigest: record?.suite.digest,
    message: (record?.failure?.message ?? reason)?.split("\n")[0],
  }));
  return { image, target, suite, test, seen: seen as unknown as SeenCell["seen"] };
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
