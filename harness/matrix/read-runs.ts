import { createHash } from "node:crypto";
import { realpath } from "node:fs/promises";
import { InputError } from "../model/errors.ts";
import type { CellRecord } from "../model/record.ts";
import type { Damage, RunContents } from "./read-run.ts";
import { provenanceFile, readRun } from "./read-run.ts";

/**
 * Reads run directories, oldest run first. A directory given twice, or copied to a second place, counts once.
 * Throws one InputError with every folder that cannot be used.
 */
export async function readRuns(folders: readonly string[]): Promise<RunContents[]> {
  const given = new Map<string, string>();
  for (const folder of folders) {
    const real = await realpath(folder).catch(() => folder);
    if (!given.has(real)) given.set(real, folder);
  }
  const read = await Promise.allSettled([...given.values()].map(readRun));
  const refused = read.filter((result) => result.status === "rejected").map((result) => result.reason as unknown);
  const surprise = refused.find((reason) => !(reason instanceof InputError));
  if (surprise) throw surprise;
  const refusals = refused as InputError[];
  if (refusals[0])
    throw new InputError(
      refusals.flatMap((refusal) => refusal.problems),
      refusals[0].code,
    );
  const runs = read.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  return withoutCopies(runs.sort((a, b) => startOf(a) - startOf(b) || order(a.run, b.run) || order(a.folder, b.folder)));
}

/** Milliseconds since the epoch; for a run without run.json its first record's start. */
export function startOf(run: RunContents): number {
  return Date.parse(run.provenance?.started ?? run.records[0]?.started ?? "1970-01-01T00:00:00Z");
}

/** Compares text by code units, the same on every host. */
export function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function withoutCopies(runs: readonly RunContents[]): RunContents[] {
  const kept: RunContents[] = [];
  // The fullest copy first, so that one cut short while copying is covered by it.
  for (const run of [...runs].sort((a, b) => b.records.length - a.records.length)) {
    const known = kept.filter((other) => other.run === run.run);
    const first = known[0];
    if (!first) {
      kept.push(run);
      continue;
    }
    const seen = new Set(known.flatMap((other) => other.records.map(digestOf)));
    const fresh = run.records.filter((entry) => !seen.has(digestOf(entry)));
    if (fresh.length > 0) kept.push({ ...run, records: fresh, damage: [...run.damage, sameName(run, first)] });
  }
  const place = new Map(runs.map((run, index) => [run.folder, index]));
  return kept.sort((a, b) => place.get(a.folder)! - place.get(b.folder)!);
}

/** Stands for a record in comparisons: many digests are small where many records are not. */
function digestOf(entry: CellRecord): string {
  return createHash("sha256").update(JSON.stringify(entry)).digest("base64");
}

function sameName(run: RunContents, first: RunContents): Damage {
  const what = `${first.folder} is also run ${run.run}, with other records`;
  return { folder: run.folder, file: provenanceFile, line: undefined, what, kept: "the records of both, those they share once" };
}
