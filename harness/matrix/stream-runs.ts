import { createHash } from "node:crypto";
import type { CellRecord, RunProvenance } from "../model/record.ts";
import { provenanceFile, type Damage } from "./read-run.ts";
import { RecordReader } from "./site/record-reader.ts";
import { plannedOf, runHeads, type RunHead } from "./site/run-head.ts";
import { scanRecords } from "./site/scan-records.ts";

/** Where a record stands in its run. */
export interface RecordPlace {
  readonly offset: number;
  readonly bytes: number;
}

/** A run directory whose records are read one at a time, as often as wanted. */
export interface StreamedRun {
  /** Absolute, symbolic links resolved. */
  readonly folder: string;
  readonly run: string;
  readonly provenance: Omit<RunProvenance, "planned"> | undefined;
  planned(): Promise<RunProvenance["planned"]>;
  /** In the order they were written. Damage is added to `damage` while they are read for the first time. */
  records(): AsyncIterable<RecordPlace & { readonly record: CellRecord }>;
  read(place: RecordPlace): Promise<CellRecord>;
  readonly damage: readonly Damage[];
}

/**
 * Opens run directories, oldest run first. One given twice, or copied to a second place, counts once: of records that several directories of one run hold,
 * those of the fullest. Throws one InputError with every folder that cannot be used. Must be closed with `close`.
 */
export async function streamRuns(
  folders: readonly string[],
): Promise<{ readonly runs: StreamedRun[]; readonly close: () => Promise<void> }> {
  const heads = await runHeads(folders);
  const reader = new RecordReader();
  const runs: StreamedRun[] = [];
  for (const head of heads) {
    const own = await ownRecords(head, heads);
    if (own === "copy") continue;
    runs.push(streamed(head, reader, own));
  }
  return { runs, close: () => reader[Symbol.asyncDispose]() };
}

function streamed(head: RunHead, reader: RecordReader, own: Own | undefined): StreamedRun {
  const damage = [...head.damage];
  if (own)
    damage.push({
      folder: head.folder,
      file: provenanceFile,
      line: undefined,
      what: own.what,
      kept: "the records of both, those they share once",
    });
  let isFirst = true;
  return {
    ...{ folder: head.folder, run: head.run, provenance: head.provenance, damage },
    planned: () => plannedOf(head),
    read: ({ offset, bytes }) => reader.read(head, offset, bytes),
    async *records() {
      const report = isFirst ? (one: Damage) => void damage.push(one) : () => {};
      isFirst = false;
      if (!head.hasRecords) return;
      for await (const { record, offset, bytes } of scanRecords(head.folder, head.given, report))
        if (!own || own.offsets.has(offset)) yield { record, offset, bytes };
    },
  };
}

interface Own {
  readonly offsets: ReadonlySet<number>;
  readonly what: string;
}

/** Which records only this directory holds of a run that several hold; undefined where it holds them all alone or is the fullest. */
async function ownRecords(head: RunHead, heads: readonly RunHead[]): Promise<Own | "copy" | undefined> {
  const same = heads.filter(({ run }) => run === head.run);
  if (same.length === 1) return undefined;
  const held = await Promise.all(same.map(async (one) => ({ one, lines: await linesOf(one) })));
  // The fullest copy first, so that one cut short while copying is covered by it.
  held.sort((a, b) => b.lines.size - a.lines.size);
  const at = held.findIndex(({ one }) => one === head);
  if (at === 0) return undefined;
  const known = new Set(held.slice(0, at).flatMap(({ lines }) => [...lines.keys()]));
  const fresh = [...held[at]!.lines].filter(([hash]) => !known.has(hash)).map(([, offset]) => offset);
  if (fresh.length === 0) return "copy";
  return { offsets: new Set(fresh), what: `${held[0]!.one.folder} is also run ${head.run}, with other records` };
}

/** Digests of a run's records, with where each stands. */
async function linesOf(head: RunHead): Promise<Map<string, number>> {
  const lines = new Map<string, number>();
  if (!head.hasRecords) return lines;
  for await (const { text, offset } of scanRecords(head.folder, head.given, () => {}))
    lines.set(createHash("sha256").update(text).digest("base64"), offset);
  return lines;
}
