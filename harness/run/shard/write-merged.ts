import { constants } from "node:fs";
import { copyFile, mkdir, realpath, stat } from "node:fs/promises";
import { dirname, isAbsolute, join, relative, sep } from "node:path";
import { record as schema, runProvenance, type CellRecord, type Outcome, type RunProvenance } from "../../model/record.ts";
import type { MergedFacts } from "../../model/shard.ts";
import type { Cell } from "../cell.ts";
import { recordsFile } from "../journal.ts";
import { provenanceFile } from "../provenance.ts";
import type { Merged } from "./merge.ts";
import type { PartRun } from "./part.ts";
import { writeLines } from "./write-lines.ts";

/** File with the durations of what passed, for `--durations`. */
export const durationsFile = "durations.json";

export interface Written {
  /** Cells by the outcome that counts. */
  readonly counts: Partial<Record<Outcome, number>>;
  readonly cells: number;
  readonly notes: readonly string[];
}

/**
 * Writes a merged run: its evidence, its records one by one, run.json, and the durations learned. `base` is what run.json says beyond what the parts
 * say; `eachCell` is given the record of each cell that counts.
 */
export async function writeMerged(
  folder: string,
  merged: Merged,
  parts: readonly PartRun[],
  base: RunProvenance,
  eachCell: (record: CellRecord) => void,
): Promise<Written> {
  await mkdir(join(folder, "evidence"), { recursive: true });
  const shelf = new Shelf(folder);
  const counts: Partial<Record<Outcome, number>> = {};
  let cells = 0;
  await writeLines(join(folder, recordsFile), async function* () {
    for await (const { record, part, last } of merged.records()) {
      const evidence = [];
      for (const one of record.evidence) evidence.push(part ? { ...one, path: await shelf.take(part.folder, one.path) } : one);
      const written = schema.parse({ ...record, evidence });
      if (last) {
        counts[written.outcome] = (counts[written.outcome] ?? 0) + 1;
        cells++;
        eachCell(written);
      }
      yield `${JSON.stringify(written)}\n`;
    }
  });
  await writeLines(join(folder, durationsFile), () => durationLines(merged.durations()));
  const notes = [
    ...merged.facts.notes,
    ...(shelf.lost === 0 ? [] : [`${shelf.lost} files of evidence are named by records and are not there`]),
  ];
  await writeLines(join(folder, provenanceFile), () =>
    provenanceLines(provenanceOf({ ...merged.facts, notes }, parts, base), merged.planned()),
  );
  return { counts, cells, notes };
}

/** An object of lists, member by member. */
function* durationLines(durations: Iterable<readonly [string, readonly number[]]>): Generator<string> {
  let separator = "{";
  for (const [key, list] of durations) {
    yield `${separator}${JSON.stringify(key)}:${JSON.stringify(list)}`;
    separator = ",";
  }
  yield separator === "{" ? "{}" : "}";
}

/** run.json with what was planned cell by cell: it may be longer than a text can be. */
function* provenanceLines(provenance: RunProvenance, planned: Iterable<Cell>): Generator<string> {
  const text = JSON.stringify(runProvenance.parse({ ...provenance, planned: [] }), undefined, 2);
  // Line breaks stand between members only; inside of a text they are escaped.
  const mark = '\n  "planned": [';
  const at = text.indexOf(mark) + mark.length;
  yield text.slice(0, at);
  let separator = "\n";
  for (const cell of planned) {
    yield `${separator}    ${JSON.stringify(cell)}`;
    separator = ",\n";
  }
  yield `${separator === "\n" ? "" : "\n  "}${text.slice(at)}\n`;
}

/** Takes evidence over, each part's folder under a name of its own. */
class Shelf {
  readonly #folder: string;
  /** Where a folder of a part went, by both. */
  readonly #places = new Map<string, string>();
  readonly #taken = new Set<string>();
  lost = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Copies a file and says where it is now. What is not there, or does not lie in the run, is left as it was named: readers say what is wrong with it. */
  async take(from: string, path: string): Promise<string> {
    const real = await realpath(join(from, path)).catch(() => undefined);
    const inside = real === undefined ? ".." : relative(await realpath(from), real);
    if (real === undefined || isAbsolute(path) || inside.startsWith("..") || !(await stat(real)).isFile()) {
      this.lost++;
      return path;
    }
    const place = this.#place(from, dirname(path));
    const to = join(place, path.split("/").at(-1) ?? "");
    await mkdir(join(this.#folder, place), { recursive: true });
    await copyFile(real, join(this.#folder, to), constants.COPYFILE_FICLONE);
    return to.split(sep).join("/");
  }

  #place(from: string, path: string): string {
    const key = `${from}\n${path}`;
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    // evidence/CELL/…: two runs of one cell have folders of one name.
    const [top = "", cell = "", ...rest] = path.split("/");
    for (let count = 1; ; count++) {
      const place = [top, count === 1 ? cell : `${cell}~${count}`, ...rest].filter(Boolean).join("/");
      if (this.#taken.has(place)) continue;
      this.#taken.add(place);
      this.#places.set(key, place);
      return place;
    }
  }
}

function provenanceOf(facts: MergedFacts, parts: readonly PartRun[], base: RunProvenance): RunProvenance {
  const all = parts.flatMap(({ provenance }) => (provenance ? [provenance] : []));
  const once = <T>(values: readonly T[]): T[] => [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
  const [first] = all;
  const problems = all.flatMap(({ run, problems: own = [] }) => own.map((problem) => `run ${run}: ${problem}`));
  return {
    ...base,
    ...(first && { host: first.host, osbench: first.osbench }),
    started: all.map(({ started }) => started).sort()[0] ?? base.started,
    finished: new Date().toISOString(),
    tools: Object.assign({}, ...all.map(({ tools }) => tools)) as RunProvenance["tools"],
    toolDigests: Object.assign({}, ...all.map(({ toolDigests }) => toolDigests)) as RunProvenance["toolDigests"],
    ...(first?.toolbox !== undefined && { toolbox: first.toolbox }),
    images: once(all.flatMap(({ images }) => images)),
    targets: once(all.flatMap(({ targets }) => targets)),
    environments: once(all.flatMap(({ environments }) => environments)),
    suites: once(all.flatMap(({ suites }) => suites)),
    ...(problems.length > 0 && { problems }),
    merged: facts,
  };
}
