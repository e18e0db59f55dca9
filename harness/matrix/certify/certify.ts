import type { KeyObject } from "node:crypto";
import { realpath } from "node:fs/promises";
import path from "node:path";
import { writeWhole } from "../../host/cache.ts";
import { InputError } from "../../model/errors.ts";
import { provenanceFile, recordsFile } from "../read-run.ts";
import { bundleFile } from "./bundle.ts";
import { discord, hashFile, type CoveredFile } from "./covered-files.ts";
import { seal } from "./dsse.ts";
import { gather } from "./gather.ts";
import { keyId } from "./keys.ts";
import { statementsOf, type TestResultStatement } from "./statement.ts";

export interface Certified {
  readonly folder: string;
  readonly run: string;
  /** Absolute path of the bundle. */
  readonly bundle: string;
  readonly key: string;
  readonly result: TestResultStatement["predicate"]["result"];
  readonly hardware: boolean;
  readonly notice: string;
  readonly files: number;
}

/**
 * Signs what a run found, with the sha256 of everything that proves it, and writes the bundle into the run directory. Reads records and evidence piece by
 * piece: what is held does not grow with their size. Throws InputError `OSB_NOT_CERTIFIABLE` with every reason for a run nothing can be vouched for: damaged
 * or unfinished, with errors of the harness, cells without an outcome, no claim that was tried at all, or evidence that is not what was recorded.
 */
export async function certifyRun(given: string, key: KeyObject): Promise<Certified> {
  // Where there is no such folder, gathering says so.
  const folder = await realpath(given).catch(() => given);
  const before = await ownFiles(folder);
  const gathered = await gather(given, (file) => hashFile(folder, file));
  const own = await ownFiles(folder);
  const { run, provenance } = gathered;
  // What was signed must be what was read.
  const changed = own.files.filter(({ sha256 }, index) => sha256 !== before.files[index]?.sha256);
  const reasons = [
    ...gathered.damage,
    ...gathered.obstacles,
    ...own.problems,
    ...changed.map(({ path: file }) => `${file}: was written to while it was read`),
    ...gathered.problems,
  ];
  if (reasons.length > 0 || provenance === undefined) throw refused(given, reasons);
  const { testResult, run: whole } = statementsOf({ ...gathered, provenance }, own.files);
  if (testResult.subject.length === 0) throw refused(given, ["no record names an image by its digest"]);
  const bundle = path.join(folder, bundleFile);
  await writeWhole(bundle, [testResult, whole].map((statement) => `${JSON.stringify(seal(JSON.stringify(statement), key))}\n`).join(""));
  const { result, osbench } = testResult.predicate;
  const files = own.files.length + (gathered.files?.length ?? gathered.evidence.count);
  return { folder, run, bundle, key: keyId(key), result, hardware: osbench.hardware, notice: osbench.notice, files };
}

/** The two files every run has. */
async function ownFiles(folder: string): Promise<{ readonly files: readonly CoveredFile[]; readonly problems: readonly string[] }> {
  const files: CoveredFile[] = [];
  const problems: string[] = [];
  for (const file of [recordsFile, provenanceFile]) {
    const found = await hashFile(folder, file);
    const problem = discord({ path: file, said: "the run" }, found);
    if (problem !== undefined) problems.push(problem);
    if (!("problem" in found)) files.push(found);
  }
  return { files, problems };
}

function refused(given: string, reasons: readonly string[]): InputError {
  const remedy = "Run again what is missing; a result nobody can check is not worth a signature.";
  const problems = reasons.map((what, index) => ({ at: { file: given }, what, ...(index === reasons.length - 1 && { remedy }) }));
  return new InputError(problems, "OSB_NOT_CERTIFIABLE");
}
