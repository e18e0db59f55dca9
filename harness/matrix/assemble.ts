import path from "node:path";
import type { CellRecord } from "../model/record.ts";
import { outcomes } from "../model/record.ts";
import type { MatrixCell, MatrixColumn, MatrixDocument, MatrixRun, MatrixSuite, PastOutcome } from "./document.ts";
import { matrixSchemaVersion } from "./document.ts";
import { hrefOf, locateEvidence } from "./evidence.ts";
import type { RunContents } from "./read-run.ts";
import { order } from "./read-runs.ts";
import type { Sighting } from "./sightings.ts";
import { sightings } from "./sightings.ts";
import { testOrder } from "./test-order.ts";

/** Makes the matrix of some runs: the newest outcome of each cell, older ones as its history. Says the same for the same runs in any order. */
export async function assemble(runs: readonly RunContents[], outFolder: string): Promise<MatrixDocument> {
  const known = [...sightings(runs).values()];
  const columns = columnsOf(known);
  const suites = suitesOf(known, runs);
  const columnOf = new Map(columns.map((column) => [columnKey(column), column]));
  const suiteOf = new Map(suites.map((suite) => [suite.suite, suite]));
  const row = new Map(suites.flatMap((suite) => suite.tests.map((test) => `${suite.suite}\n${test}`)).map((key, index) => [key, index]));
  const place = (cell: { suite: string; test: string }) => row.get(`${cell.suite}\n${cell.test}`)!;
  const cells = await Promise.all(
    known.map((cell) => cellOf(cell, columnOf.get(columnKey(cell[0]!))!, suiteOf.get(cell[0]!.suite)!, outFolder)),
  );
  cells.sort((a, b) => place(a) - place(b) || order(a.image, b.image) || order(a.target, b.target));
  return {
    schema: matrixSchemaVersion,
    counts: Object.fromEntries(
      outcomes.map((outcome) => [outcome, cells.filter((cell) => cell.outcome === outcome).length]),
    ) as MatrixDocument["counts"],
    outdated: cells.filter((cell) => cell.outdated.length > 0).length,
    columns,
    suites,
    cells,
    runs: runs.map((run) => runOf(run, outFolder)).reverse(),
    problems: runs.flatMap((run) =>
      run.damage.map(({ folder, file, line, what, kept }) => ({
        at: `${path.basename(folder)}/${file}${line === undefined ? "" : `:${line}`}`,
        what,
        kept,
      })),
    ),
  };
}

function columnKey({ image, target }: { image: string; target: string }): string {
  return `${image}\n${target}`;
}

/** What a column is about is what its newest sighting was about. */
function columnsOf(known: readonly Sighting[][]): MatrixColumn[] {
  const all = newestFirst(known.flat());
  const columns = new Map<string, MatrixColumn>();
  for (const { image, target } of all) {
    const key = columnKey({ image, target });
    if (columns.has(key)) continue;
    const own = all.filter((sighting) => sighting.image === image && sighting.target === target);
    const version = own.find((sighting) => sighting.version !== undefined)?.version;
    const tested = own.find((sighting) => sighting.digest !== undefined);
    const record = (tested ?? own.find((sighting) => sighting.record))?.record;
    const digest = tested?.version === version ? tested?.digest : undefined;
    columns.set(key, { image, target, ...defined({ version, digest, form: record?.image.form, environment: environmentOf(record) }) });
  }
  return [...columns.values()].sort((a, b) => order(a.image, b.image) || order(a.target, b.target));
}

function suitesOf(known: readonly Sighting[][], runs: readonly RunContents[]): MatrixSuite[] {
  const all = newestFirst(known.flat());
  const names = [...new Set(all.map((sighting) => sighting.suite))].sort(order);
  return names.map((suite) => {
    const newest = all.find((sighting) => sighting.suite === suite && sighting.record)?.record?.suite;
    const tests = [...new Set(all.filter((sighting) => sighting.suite === suite).map((sighting) => sighting.test))];
    return { suite, ...defined({ file: newest?.file, digest: newest?.digest }), tests: testOrder(suite, tests, runs) };
  });
}

async function cellOf(known: readonly Sighting[], column: MatrixColumn, suite: MatrixSuite, outFolder: string): Promise<MatrixCell> {
  const newest = known[0]!;
  const { record, image, target, test, outcome, reason, started, version, digest } = newest;
  const outdated = outdatedBy(newest, column, suite);
  return {
    image,
    target,
    suite: newest.suite,
    test,
    outcome,
    run: newest.run.run,
    started,
    ...defined({ reason, failure: record?.failure, version, digest, suiteDigest: record?.suite.digest }),
    ...defined({ durationMs: record?.durationMs, attempts: record?.attempts, environment: environmentOf(record) }),
    machines: record?.machines ?? [],
    evidence: await Promise.all((record?.evidence ?? []).map((entry) => locateEvidence(entry, newest.run.folder, outFolder))),
    outdated,
    history: known.slice(1).map(pastOf),
  };
}

/** Why an outcome is not about the image and suite the matrix is about. */
function outdatedBy({ version, digest, record }: Sighting, column: MatrixColumn, suite: MatrixSuite): string[] {
  const why: string[] = [];
  const differ = (a: string | undefined, b: string | undefined) => a !== undefined && b !== undefined && a !== b;
  if (differ(version, column.version)) why.push(`version ${version} was tested, the newest is ${column.version}`);
  else if (differ(digest, column.digest)) why.push("an older build of this version was tested");
  if (differ(record?.suite.digest, suite.digest)) why.push("an older revision of the suite was run");
  return why;
}

function pastOf({ run, outcome, started, version, digest, record, reason }: Sighting): PastOutcome {
  const message = record?.failure?.message.split("\n")[0] ?? reason;
  return {
    run: run.run,
    outcome,
    started,
    ...defined({ durationMs: record?.durationMs, attempts: record?.attempts, version, digest, message }),
  };
}

function runOf({ run, folder, provenance, records }: RunContents, outFolder: string): MatrixRun {
  const href = hrefOf(folder, outFolder);
  const { planned, ...rest } = provenance ?? { planned: undefined };
  return {
    run,
    folder: path.basename(folder),
    records: records.length,
    ...defined({ href, planned: planned?.length, provenance: provenance && (rest as MatrixRun["provenance"]) }),
  };
}

function environmentOf(record: CellRecord | undefined): MatrixColumn["environment"] {
  if (!record) return undefined;
  const { name: _name, ...environment } = record.target;
  return environment;
}

function newestFirst(all: Sighting[]): Sighting[] {
  return all.sort((a, b) => Date.parse(b.started) - Date.parse(a.started));
}

/** Leaves out what is undefined, so that JSON and types agree. */
function defined<T extends object>(entries: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
