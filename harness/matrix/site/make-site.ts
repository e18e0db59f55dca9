import path from "node:path";
import type { MatrixCell, MatrixColumn, MatrixDecision, MatrixRun, MatrixSuite } from "../document.ts";
import { hrefOf } from "../evidence.ts";
import type { CellName } from "../gate/seen.ts";
import type { Damage } from "../read-run.ts";
import { provenanceFile } from "../read-run.ts";
import { whatCounts } from "./cell-sightings.ts";
import type { Collected } from "./collect.ts";
import { Editions } from "./editions.ts";
import { IndexMaker } from "./index-maker.ts";
import type { Pieces } from "./pieces.ts";
import { RecordReader } from "./record-reader.ts";
import { unpackSighting } from "./sighting-line.ts";
import type { RunPieces, SiteDecision, SiteIndex, Story, Trends } from "./site-data.ts";
import type { Spill } from "./spill.ts";
import { cellOf, outdatedBy, storyOf } from "./story.ts";
import { SuiteSources } from "./suite-source.ts";
import type { Decided } from "./decided.ts";
import type { Certificates } from "./certificates.ts";

export interface MadeSite {
  readonly index: Omit<SiteIndex, "data">;
  readonly columns: readonly MatrixColumn[];
  readonly suites: readonly MatrixSuite[];
  /** Newest first; a directory that holds nothing of its own is left out. */
  readonly runs: readonly MatrixRun[];
  readonly damage: readonly Damage[];
  /** What the gate says, where it was asked. */
  readonly decision: MatrixDecision | undefined;
}

/**
 * Writes the pieces of a site from what was collected, row by row, and hands every cell to `eachCell` in the order of the grid.
 * Holds the cells of one row at a time.
 */
export async function makeSite(
  collected: Collected,
  spill: Spill,
  pieces: Pieces,
  site: string,
  { decided, certificates }: { readonly decided: Decided | undefined; readonly certificates: Certificates },
  eachCell: (cell: MatrixCell) => void | Promise<void>,
): Promise<MadeSite> {
  const { heads, texts } = collected;
  const ordered = collected.columns.ordered();
  const columns = ordered.map(({ column }) => column);
  const shownAs = new Map(ordered.map(({ met }, index) => [met, index]));
  const suites = collected.rows.ordered();
  const rows = suites.reduce((sum, { met }) => sum + met.length, 0);
  const index = new IndexMaker(rows, columns.length);
  const editions = new Editions(rows);
  const own = heads.map(() => 0);
  const use = { pieces, sources: new SuiteSources(pieces) };
  const reader = new RecordReader();
  const absent: { cell: number; why: string }[] = [];
  try {
    let row = 0;
    for (const { suite, met } of suites) {
      for (const [place, number] of met.entries()) {
        const byColumn = Map.groupBy(spill.read(number).map(unpackSighting), (line) => shownAs.get(line.column)!);
        const stories: Record<number, Story> = {};
        for (const column of [...byColumn.keys()].sort((a, b) => a - b)) {
          const sightings = whatCounts(byColumn.get(column)!, collected, own);
          const newest = sightings[0]!;
          const record = newest.offset < 0 ? undefined : await reader.read(heads[newest.head]!, newest.offset, newest.bytes);
          const outdated = outdatedBy(newest, texts.texts, columns[column]!, suite);
          const about = { column: columns[column]!, suite, test: suite.tests[place]!, outdated };
          const cell = await cellOf(sightings, record, about, collected, site);
          const judged = decided?.judged(cell, sightings);
          if (judged) {
            cell.judged = judged;
            index.verdict(row, column, judged.verdict);
          }
          stories[column] = { ...(await storyOf(sightings, record, cell, collected, use)), ...(judged && { judged }) };
          index.add(row, column, sightings, outdated.length > 0);
          editions.add(row, column, sightings);
          const code = record && certificates.codeOf(heads[newest.head]!.folder, record);
          if (code !== undefined) index.certified(row, column, code);
          await eachCell(cell);
        }
        for (const column of decided ? columns.keys() : []) {
          const judged = byColumn.has(column)
            ? undefined
            : decided!.absent({ ...columns[column]!, suite: suite.suite, test: suite.tests[place]! });
          if (!judged) continue;
          index.verdict(row, column, judged.verdict);
          absent.push({ cell: row * columns.length + column, why: judged.why ?? judged.verdict });
        }
        await pieces.json(`row-${row}`, stories);
        row++;
      }
    }
  } finally {
    await reader[Symbol.asyncDispose]();
  }
  const damage = heads.flatMap((_, head) => damageOf(head, collected, own));
  const runs = heads.flatMap((_, head) => (isCopy(head, collected, own) ? [] : [runOf(head, collected, site)])).reverse();
  for (const [number, image] of [...new Set(columns.map((column) => column.image))].entries()) {
    const mine = new Set(columns.flatMap((column, at) => (column.image === image ? [at] : [])));
    await pieces.longJson(`releases-${number}`, editions.of(mine, texts.texts));
  }
  const trends: Trends = ordered.flatMap(({ met }, column) => {
    const points = collected.boots.of(met);
    return points.length > 0 ? [{ column, points }] : [];
  });
  await pieces.json("trends", trends);
  const provenance: RunPieces = Object.fromEntries(runs.map((run) => [run.run, run.provenance ?? null]));
  await pieces.json("runs", provenance);
  const { verdicts, ...grid } = index.made();
  const decision = decided?.summary();
  return {
    index: {
      ...grid,
      ...(decision && { decision: { ...decision, reasons: inGrid(decision.reasons, columns, suites), verdicts, absent } }),
      certificates: certificates.shown,
      records: collected.records.reduce((sum, count) => sum + count, 0),
      columns,
      suites: suites.map(({ suite }) => suite),
      runs: runs.map(({ run, folder, href, records, planned, provenance: known }) => ({
        ...{ run, folder, records },
        ...(href !== undefined && { href }),
        ...(planned !== undefined && { planned }),
        ...(known && { started: known.started }),
        ...(known?.finished !== undefined && { finished: known.finished }),
      })),
      problems: damage.map(({ folder, file, line, what, kept }) => ({
        at: `${path.basename(folder)}/${file}${line === undefined ? "" : `:${line}`}`,
        what,
        kept,
      })),
    },
    columns,
    suites: suites.map(({ suite }) => suite),
    runs,
    damage,
    decision,
  };
}

/** Reasons with the places of their cells in the grid, instead of their names. */
function inGrid(
  reasons: MatrixDecision["reasons"],
  columns: readonly MatrixColumn[],
  suites: readonly { readonly suite: MatrixSuite }[],
): SiteDecision["reasons"] {
  const columnOf = new Map(columns.map(({ image, target }, column) => [JSON.stringify([image, target]), column]));
  const rowOf = new Map(
    suites.flatMap(({ suite: { suite, tests } }) => tests.map((test) => JSON.stringify([suite, test]))).map((key, row) => [key, row]),
  );
  const number = ({ image, target, suite, test }: CellName) =>
    rowOf.get(JSON.stringify([suite, test]))! * columns.length + columnOf.get(JSON.stringify([image, target]))!;
  return reasons.map(({ cell, ...reason }) => ({ ...reason, ...(cell && { cell: number(cell) }) }));
}

/** Of the directories that hold one run, the fullest. */
function fullest(run: string, { heads, records }: Collected): number {
  let best = -1;
  for (const [head, one] of heads.entries()) if (one.run === run && (best < 0 || records[head]! > records[best]!)) best = head;
  return best;
}

function isCopy(head: number, collected: Collected, own: readonly number[]): boolean {
  const first = fullest(collected.heads[head]!.run, collected);
  return first !== head && own[head] === 0;
}

function damageOf(head: number, collected: Collected, own: readonly number[]): Damage[] {
  if (isCopy(head, collected, own)) return [];
  const { folder, run } = collected.heads[head]!;
  const first = fullest(run, collected);
  const damage = [...collected.damage[head]!];
  if (first !== head) {
    const what = `${collected.heads[first]!.folder} is also run ${run}, with other records`;
    damage.push({ folder, file: provenanceFile, line: undefined, what, kept: "the records of both, those they share once" });
  }
  return damage;
}

function runOf(head: number, { heads, records }: Collected, site: string): MatrixRun {
  const { run, folder, provenance, planned } = heads[head]!;
  const href = hrefOf(folder, site);
  return {
    ...{ run, folder: path.basename(folder), records: records[head]! },
    ...(href !== undefined && { href }),
    ...(provenance && { planned, provenance }),
  };
}
