import type { MatrixCell, MatrixColumn, MatrixSuite, PastOutcome } from "../document.ts";
import { locateEvidence } from "../evidence.ts";
import type { CellRecord } from "../../model/record.ts";
import type { Collected } from "./collect.ts";
import { embedEvidence } from "./embed-evidence.ts";
import { measuredIn } from "./measured.ts";
import type { Pieces } from "./pieces.ts";
import type { SightingLine } from "./sighting-line.ts";
import type { Story } from "./site-data.ts";
import type { SuiteSources } from "./suite-source.ts";

/** matrix.json names the newest of a cell's older outcomes; the page goes further back. */
export const pastInDocument = 20;
const pastInStory = 300;

/** Why an outcome is not about the image and suite the matrix is about. */
export function outdatedBy(newest: SightingLine, texts: readonly string[], column: MatrixColumn, suite: MatrixSuite): string[] {
  const why: string[] = [];
  const differ = (is: string | undefined, of: string | undefined) => is !== undefined && is !== "" && of !== undefined && is !== of;
  const version = texts[newest.version];
  if (differ(version, column.version)) why.push(`version ${version} was tested, the newest is ${column.version}`);
  else if (differ(texts[newest.digest], column.digest)) why.push("an older build of this version was tested");
  if (differ(texts[newest.suiteDigest], suite.digest)) why.push("an older revision of the suite was run");
  return why;
}

/** A cell as matrix.json has it. */
export async function cellOf(
  sightings: readonly SightingLine[],
  record: CellRecord | undefined,
  { column, suite, test, outdated }: { column: MatrixColumn; suite: MatrixSuite; test: string; outdated: string[] },
  { heads, texts }: Collected,
  site: string,
): Promise<MatrixCell> {
  const newest = sightings[0]!;
  const head = heads[newest.head]!;
  const past = sightings.slice(1, 1 + pastInDocument);
  const { name: _name, ...environment } = record?.target ?? { name: "" };
  const cell: MatrixCell = {
    image: column.image,
    target: column.target,
    suite: suite.suite,
    test,
    outcome: newest.outcome,
    run: head.run,
    started: record?.started ?? head.provenance?.started ?? new Date(newest.started).toISOString(),
    machines: record?.machines ?? [],
    evidence: await Promise.all((record?.evidence ?? []).map((entry) => locateEvidence(entry, head.folder, site))),
    outdated,
    history: past.map((one) => pastOf(one, heads, texts.texts)),
  };
  const reason = record ? record.reason : newest.message;
  const version = texts.texts[newest.version];
  if (reason !== undefined) cell.reason = reason;
  if (record?.failure) cell.failure = record.failure;
  if (version) cell.version = version;
  if (record) {
    if (record.image.digest) cell.digest = record.image.digest;
    Object.assign(cell, { suiteDigest: record.suite.digest, durationMs: record.durationMs, attempts: record.attempts, environment });
  }
  const earlier = sightings.length - 1 - past.length;
  if (earlier > 0) cell.earlier = earlier;
  return cell;
}

/** What the page tells of a cell, with what can be read of its evidence brought into the site. */
export async function storyOf(
  sightings: readonly SightingLine[],
  record: CellRecord | undefined,
  cell: MatrixCell,
  { heads, texts }: Collected,
  { pieces, sources }: { pieces: Pieces; sources: SuiteSources },
): Promise<Story> {
  const { outcome, reason, run, started, outdated } = cell;
  const { folder } = heads[sightings[0]!.head]!;
  const past = sightings.slice(1, 1 + pastInStory);
  const story = {
    ...{ outcome, ...(reason !== undefined && { reason }), run, started, outdated },
    history: past.map((one) => pastOf(one, heads, texts.texts)),
    earlier: sightings.length - 1 - past.length,
    evidence: await embedEvidence(cell.evidence, outcome, folder, pieces),
  };
  if (!record) return story;
  const { evidence: _evidence, ...rest } = record;
  const source = await sources.pieceOf(record.suite);
  return { ...story, record: rest, ...(await measuredPiece(cell, folder, pieces)), ...(source && { source }) };
}

async function measuredPiece(cell: MatrixCell, folder: string, pieces: Pieces): Promise<Pick<Story, "measured" | "measuredProblem">> {
  try {
    const measured = await measuredIn(cell.evidence, folder);
    return measured ? { measured: await pieces.jsonByDigest("m", measured) } : {};
  } catch (error) {
    return { measuredProblem: (error as Error).message };
  }
}

function pastOf(one: SightingLine, heads: Collected["heads"], texts: readonly string[]): PastOutcome {
  const { run } = heads[one.head]!;
  const past: PastOutcome = { run, outcome: one.outcome, started: new Date(one.started).toISOString() };
  if (one.offset >= 0) Object.assign(past, { durationMs: one.durationMs, attempts: one.attempts });
  if (one.version !== 0) past.version = texts[one.version]!;
  if (one.digest !== 0) past.digest = texts[one.digest]!;
  if (one.message !== "") past.message = one.message;
  return past;
}
