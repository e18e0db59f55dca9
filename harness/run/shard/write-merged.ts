import { constants } from "node:fs";
import { copyFile, mkdir, realpath, stat } from "node:fs/promises";
import { dirname, isAbsolute, join, relative, sep } from "node:path";
import { writeWhole } from "../../host/cache.ts";
import { record as schema, type CellRecord, type RunProvenance } from "../../model/record.ts";
import { Expectations } from "../expectations.ts";
import { recordsFile } from "../journal.ts";
import { writeProvenance } from "../provenance.ts";
import type { Merged } from "./merge.ts";
import type { PartRun } from "./part.ts";

/** File with the durations of what passed, for `--durations`. */
export const durationsFile = "durations.json";

/**
 * Writes a merged run: its evidence, its records, run.json, and the durations learned. `base` is what run.json says beyond what the parts say. Returns
 * the records as written, and how many files of evidence could not be copied.
 */
export async function writeMerged(folder: string, merged: Merged, parts: readonly PartRun[], base: RunProvenance) {
  await mkdir(join(folder, "evidence"), { recursive: true });
  const shelf = new Shelf(folder);
  const records: CellRecord[] = [];
  for (const { record, part } of merged.records) {
    const evidence = [];
    for (const one of record.evidence) evidence.push(part ? { ...one, path: await shelf.take(part.folder, one.path) } : one);
    records.push(schema.parse({ ...record, evidence }));
  }
  await writeWhole(join(folder, recordsFile), records.map((record) => `${JSON.stringify(record)}\n`).join(""));
  const learned = Expectations.empty();
  for (const record of records) learned.learn(record);
  await learned.saveTo(join(folder, durationsFile), () => true);
  const notes = [
    ...merged.facts.notes,
    ...(shelf.lost === 0 ? [] : [`${shelf.lost} files of evidence are named by records and are not there`]),
  ];
  await writeProvenance(folder, provenanceOf({ ...merged, facts: { ...merged.facts, notes } }, parts, base));
  return { records, notes };
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

function provenanceOf({ planned, facts }: Merged, parts: readonly PartRun[], base: RunProvenance): RunProvenance {
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
    planned: [...planned],
    ...(problems.length > 0 && { problems }),
    merged: facts,
  };
}
