import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { z } from "zod";
import { InputError } from "../../model/errors.ts";
import type { CellRecord } from "../../model/record.ts";
import { junitOf } from "../junit.ts";
import { outFolderProblems, runName } from "../outfolder.ts";
import { startProvenance } from "../provenance.ts";
import type { PlannedUnit } from "./expected.ts";
import { mergeRuns } from "./merge.ts";
import type { PartRun } from "./part.ts";
import { writeMerged, type Written } from "./write-merged.ts";

export interface MergeCommand {
  readonly parts: readonly PartRun[];
  readonly to: string;
  /** File that `osbench plan --json` wrote: what there should be. */
  readonly plan?: string | undefined;
  readonly junit?: string | undefined;
  readonly command: readonly string[];
  /** What is to be said beyond what the runs say: folders that hold none. */
  readonly notes?: readonly string[];
}

export interface MergeResult {
  readonly run: string;
  readonly folder: string;
  readonly cells: number;
  /** Cells by the outcome that counts. */
  readonly counts: Written["counts"];
  readonly missing: number;
  readonly notes: readonly string[];
}

/** Merges runs into one run directory. Throws InputError if there is nothing to merge, or no place to write to. */
export async function merge({ parts, to, plan, junit, command, notes = [] }: MergeCommand): Promise<MergeResult> {
  const folder = resolve(to);
  const problems = outFolderProblems(folder).map((problem) => ({ ...problem, at: { flag: "--to" } }));
  if (problems.length > 0) throw new InputError(problems);
  const run = runName();
  const merged = await mergeRuns(parts, run, plan === undefined ? [] : await readPlan(plan));
  if (merged.missing === 0 && parts.length === 0)
    throw new InputError([
      { at: { flag: "osbench merge" }, what: "there is nothing to merge", remedy: "Name run directories, or a --plan." },
    ]);
  const facts = { ...merged.facts, notes: [...notes, ...merged.facts.notes] };
  const records: CellRecord[] = [];
  const {
    cells,
    counts,
    notes: all,
  } = await writeMerged(
    ...([folder, { ...merged, facts }, parts, await startProvenance(run, command)] as const),
    (record) => void (junit !== undefined && records.push(record)),
  );
  if (junit !== undefined) {
    await mkdir(dirname(resolve(junit)), { recursive: true });
    await writeFile(junit, junitOf(run, records));
  }
  return { run, folder, cells, counts, missing: merged.missing, notes: all };
}

const planned = z.object({
  units: z.array(z.object({ image: z.string(), target: z.string(), suite: z.string(), tests: z.array(z.string()) })),
  notApplicable: z.array(z.object({ image: z.string(), target: z.string() })).default([]),
});

async function readPlan(file: string): Promise<PlannedUnit[]> {
  const remedy = "Give a file that `osbench plan --json` wrote.";
  const refuse = (what: string) => new InputError([{ at: { file }, what, remedy }]);
  const text = await readFile(file, "utf8").catch((error: Error) => {
    throw refuse(`the plan cannot be read: ${error.message}`);
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw refuse("is no plan: not JSON");
  }
  const parsed = planned.safeParse(value);
  if (!parsed.success) throw refuse(`is no plan: ${parsed.error.issues[0]?.path.join(".")}: ${parsed.error.issues[0]?.message}`);
  return parsed.data.units;
}
