import { createHash } from "node:crypto";
import { realpath } from "node:fs/promises";
import path from "node:path";
import { InputError } from "../../model/errors.ts";
import type { RunProvenance } from "../../model/record.ts";
import { cellsOfShard, type ShardFacts } from "../../model/shard.ts";
import type { Damage } from "../read-run.ts";
import { provenanceFile, provenanceText, readProvenance, recordsFile, refuseFolder, strayWords } from "../read-run.ts";
import { order } from "../order.ts";
import { scanRecords } from "./scan-records.ts";

/** A run directory before its records are read. */
export interface RunHead {
  /** Absolute, symbolic links resolved. */
  readonly folder: string;
  /** As it was named; for messages. */
  readonly given: string;
  readonly run: string;
  /** Without what was planned, which may be long; `plannedOf` reads it. */
  readonly provenance: Omit<RunProvenance, "planned"> | undefined;
  readonly planned: number;
  /** Which part of a matrix it was; `division` is the same where the matrix was divided the same way. */
  readonly shard: (Pick<ShardFacts, "index" | "of"> & { readonly division: string }) | undefined;
  /** Milliseconds since the epoch; of the first record where run.json does not say. */
  readonly started: number;
  readonly damage: readonly Damage[];
  readonly hasRecords: boolean;
}

/** Looks at run directories without reading their records, oldest run first; one given twice counts once. Throws one InputError with every folder that cannot be used. */
export async function runHeads(folders: readonly string[]): Promise<RunHead[]> {
  const given = new Map<string, string>();
  for (const folder of folders) {
    const real = await realpath(folder).catch(() => folder);
    if (!given.has(real)) given.set(real, folder);
  }
  const heads: RunHead[] = [];
  const refused: InputError[] = [];
  for (const folder of given.values()) {
    try {
      heads.push(await headOf(folder));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      refused.push(error);
    }
  }
  if (refused[0])
    throw new InputError(
      refused.flatMap((refusal) => refusal.problems),
      refused[0].code,
    );
  return heads.sort((a, b) => a.started - b.started || order(a.run, b.run) || order(a.folder, b.folder));
}

/**
 * What a run set out to try, once more from its run.json: holding it for every run would need memory for every cell of every run. Of a shard that was
 * killed before it said so, what it was to do.
 */
export async function plannedOf(head: RunHead): Promise<RunProvenance["planned"]> {
  if (head.planned === 0 && head.shard === undefined) return [];
  const file = path.join(head.folder, provenanceFile);
  const read = readProvenance(file, await provenanceText(head.folder), () => {});
  if (head.planned > 0 || !read?.shard) return read?.planned ?? [];
  return cellsOfShard(read.shard, read.shard.index);
}

/** Cells of shards of which no run is given, by what the last of the others says of the division: nobody else would miss them. */
export async function cellsOfLostShards(
  head: RunHead,
  heads: readonly RunHead[],
): Promise<{ cell: RunProvenance["planned"][number]; why: string }[]> {
  const { shard } = head;
  if (shard === undefined) return [];
  const alike = heads.filter((one) => one.shard?.division === shard.division);
  const there = new Set(alike.map((one) => one.shard!.index));
  const lost = Array.from({ length: shard.of }, (_, index) => index + 1).filter((index) => !there.has(index));
  if (lost.length === 0 || alike.at(-1) !== head) return [];
  const file = path.join(head.folder, provenanceFile);
  const read = readProvenance(file, await provenanceText(head.folder), () => {})?.shard;
  return lost.flatMap((index) =>
    (read ? cellsOfShard(read, index) : []).map((cell) => ({ cell, why: `shard ${index}/${shard.of} left nothing` })),
  );
}

async function headOf(given: string): Promise<RunHead> {
  const folder = await realpath(given).catch(() => undefined);
  const damage: Damage[] = [];
  const text = folder === undefined ? undefined : await provenanceText(folder);
  const first = folder === undefined ? undefined : await firstRecord(folder);
  if (folder === undefined || (text === undefined && first === "missing")) throw await refuseFolder(given, folder);
  const kept = "the records; planned cells that did not run and the host cannot be shown";
  const provenance = readProvenance(path.join(given, provenanceFile), text, (what) =>
    damage.push({ folder, file: provenanceFile, line: undefined, what, kept }),
  );
  for (const problem of provenance?.problems ?? [])
    damage.push({ folder, file: provenanceFile, line: undefined, what: strayWords(problem), kept: "every record" });
  if (first === "missing")
    damage.push({
      folder,
      file: recordsFile,
      line: undefined,
      what: "the file is missing",
      kept: "run.json; every planned cell counts as not run",
    });
  const { planned, ...rest } = provenance ?? { planned: [] };
  const record = first === "missing" ? undefined : first;
  return {
    ...{ folder, given, damage },
    run: provenance?.run ?? record?.run ?? path.basename(folder),
    provenance: provenance && (rest as RunHead["provenance"]),
    planned: planned.length,
    shard: provenance?.shard && divisionOf(provenance.shard),
    started: Date.parse(provenance?.started ?? record?.started ?? "1970-01-01T00:00:00Z"),
    hasRecords: first !== "missing",
  };
}

function divisionOf({ index, of, units }: ShardFacts) {
  return {
    index,
    of,
    division: createHash("sha256")
      .update(JSON.stringify([of, units]))
      .digest("base64"),
  };
}

async function firstRecord(folder: string) {
  try {
    for await (const { record } of scanRecords(folder, folder, () => {})) return record;
    return undefined;
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR")) return "missing";
    throw error;
  }
}
