import { recordSchemaVersion, type CellRecord } from "../../model/record.ts";
import type { MergedFacts } from "../../model/shard.ts";
import { cellKey, type Cell } from "../cell.ts";
import { cellOfRecord } from "../view/words.ts";
import { discordOf } from "./discord.ts";
import { expectedOf, type Expected, type PlannedUnit } from "./expected.ts";
import type { PartRun } from "./part.ts";

export interface Merged {
  /** Every record with the part it comes from; undefined for a cell nobody reached. */
  readonly records: readonly { readonly record: CellRecord; readonly part: PartRun | undefined }[];
  readonly planned: readonly Cell[];
  /** How many cells were planned and have no outcome. */
  readonly missing: number;
  readonly facts: MergedFacts;
}

/**
 * Makes one run of several: all their records, every attempt kept, the newest last, which is the one that counts; a cell that one part left without an
 * outcome and another did not, has the other's. A planned cell that no part recorded gets a record that says so, `expected` ones from a plan too.
 */
export function mergeRuns(parts: readonly PartRun[], run: string, expected: readonly PlannedUnit[] = []): Merged {
  const { cells, notes } = expectedOf(parts, expected);
  const byCell = Map.groupBy(
    parts.flatMap((part) => part.records.map((record) => ({ record, part }))),
    ({ record }) => cellKey(cellOfRecord(record)),
  );
  const repeated = [...byCell.values()].filter((known) => new Set(known.map(({ part }) => part)).size > 1);
  const recorded = [...byCell.values()].flatMap((known) => settle(known).map(({ record, part }) => ({ record: { ...record, run }, part })));
  const lost = cells.filter(({ cell }) => !byCell.has(cellKey(cell)));
  const missing = lost.map((one) => ({ record: notRun(one, run, parts), part: undefined }));
  return {
    records: [...recorded, ...missing],
    planned: [
      ...new Map(
        [...cells.map(({ cell }) => cell), ...recorded.map(({ record }) => cellOfRecord(record))].map((cell) => [cellKey(cell), cell]),
      ).values(),
    ],
    missing: lost.length,
    facts: {
      from: parts.map(factsOf),
      notes: [
        ...notes,
        ...(repeated.length === 0 ? [] : [`${repeated.length} cells were tried by more than one run; of each the newest outcome counts`]),
        ...discordOf(parts),
        ...parts.flatMap((part) =>
          part.damage.map(({ file, line, what }) => `run ${part.run}: ${file}${line === undefined ? "" : `:${line}`}: ${what}`),
        ),
      ],
    },
  };
}

interface Known {
  readonly record: CellRecord;
  readonly part: PartRun;
}

/** The records of one cell in the order of their time; attempts of several runs are counted on. */
function settle(known: readonly Known[]): readonly Known[] {
  if (known.every(({ part }) => part === known[0]?.part)) return known;
  const tried = known.filter(({ record }) => record.outcome !== "not-run");
  const kept = tried.length > 0 ? tried : known;
  return [...kept]
    .sort((a, b) => Date.parse(a.record.started) - Date.parse(b.record.started))
    .map(({ record, part }, index) => ({ record: { ...record, attempts: index + 1 }, part }));
}

function notRun({ cell, why, since }: Expected, run: string, parts: readonly PartRun[]): CellRecord {
  const all = parts.flatMap(({ records }) => records);
  const alike = all.find(({ image, target }) => image.name === cell.image && target.name === cell.target);
  const suite = all.find((record) => record.suite.name === cell.suite)?.suite;
  return {
    schema: recordSchemaVersion,
    run,
    // What nobody prepared has no facts: they stay empty, as for an image that could not be built.
    image: alike?.image ?? { name: cell.image, version: "", digest: "", form: "" },
    target: alike?.target ?? { name: cell.target, kind: "unknown", arch: "", machine: "", accelerator: "none" },
    suite: suite ?? { name: cell.suite, digest: "", file: "" },
    test: cell.test,
    outcome: "not-run",
    reason: why,
    started: since,
    durationMs: 0,
    attempts: 1,
    machines: [],
    evidence: [],
  };
}

function factsOf({ run, provenance, records }: PartRun): MergedFacts["from"][number] {
  if (!provenance) return { run, records: records.length };
  const { shard, started, finished, host, osbench } = provenance;
  return {
    run,
    ...(shard && { shard: `${shard.index}/${shard.of}` }),
    started,
    ...(finished !== undefined && { finished }),
    host: `${host.os}, ${host.cores} cores, ${host.memoryMiB} MiB`,
    ...(osbench.revision !== undefined && { revision: osbench.revision }),
    records: records.length,
  };
}
