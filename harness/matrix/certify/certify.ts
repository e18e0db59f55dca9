import type { KeyObject } from "node:crypto";
import path from "node:path";
import { writeWhole } from "../../host/cache.ts";
import { InputError } from "../../model/errors.ts";
import { lastAttempts, type CellRecord } from "../../model/record.ts";
import { readRun, type RunContents } from "../read-run.ts";
import { bundleFile, largestBundle } from "./bundle.ts";
import { expectedOf, hashFiles, printable } from "./covered-files.ts";
import { seal } from "./dsse.ts";
import { keyId } from "./keys.ts";
import { slimmer } from "./slim.ts";
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
 * Signs what a run found, with the sha256 of everything that proves it, and writes the bundle into the run directory. Throws InputError
 * `OSB_NOT_CERTIFIABLE` with every reason for a run nothing can be vouched for: damaged or unfinished, with errors of the harness, cells without an
 * outcome, no claim that was tried at all, or evidence that is not what was recorded.
 */
export async function certifyRun(given: string, key: KeyObject): Promise<Certified> {
  const contents = await readRun(given, slimmer());
  const { folder, run, provenance } = contents;
  const records = lastAttempts(contents.records);
  const refuse = (reasons: readonly string[]) => {
    const at = { file: given };
    const remedy = "Run again what is missing; a result nobody can check is not worth a signature.";
    return new InputError(
      reasons.map((what, index) => ({ at, what, ...(index === reasons.length - 1 && { remedy }) })),
      "OSB_NOT_CERTIFIABLE",
    );
  };
  const tooLarge = (bytes: number) =>
    `its ${records.length} cells make a certificate of ${bytes} bytes, more than the ${largestBundle} one may have: certify parts of it`;
  const least = leastBytes(records);
  if (least > largestBundle) throw refuse([tooLarge(least)]);
  const reasons = obstacles(contents, records);
  const { files, problems } = await hashFiles(folder, expectedOf(contents.records));
  if (reasons.length + problems.length > 0 || provenance === undefined) throw refuse([...reasons, ...problems]);
  const { testResult, run: whole } = statementsOf({ run, provenance }, records, files);
  if (testResult.subject.length === 0) throw refuse(["no record names an image by its digest"]);
  const bundle = path.join(folder, bundleFile);
  const lines = [testResult, whole].map((statement) => `${JSON.stringify(seal(JSON.stringify(statement), key))}\n`);
  const bytes = lines.reduce((sum, line) => sum + line.length, 0);
  // What nobody will read again is not signed.
  if (bytes > largestBundle) throw refuse([tooLarge(bytes)]);
  await writeWhole(bundle, lines.join(""));
  const { result, osbench } = testResult.predicate;
  return { folder, run, bundle, key: keyId(key), result, hardware: osbench.hardware, notice: osbench.notice, files: files.length };
}

/** What a certificate of these cells has at least: known before a gigabyte is made of them. */
function leastBytes(records: readonly CellRecord[]): number {
  const members = 180;
  const text = records.reduce((sum, { image, target, suite, test }) => {
    const named = image.name.length + image.version.length + target.name.length + suite.name.length + test.length;
    return sum + members + 2 * named + image.digest.length + suite.digest.length;
  }, 0);
  return Math.floor((text * 4) / 3);
}

/** Why nothing can be vouched for, short of the evidence itself. */
function obstacles({ run, provenance, records: all, damage }: RunContents, records: readonly CellRecord[]): string[] {
  const count = (outcome: CellRecord["outcome"]) => records.filter((record) => record.outcome === outcome).length;
  const recorded = new Set(records.map(cellKey));
  const missing = (provenance?.planned ?? []).filter(
    (cell) => !recorded.has(JSON.stringify([cell.image, cell.target, cell.suite, cell.test])),
  );
  return [
    ...damage.map(({ file, line, what }) => `${file}${line === undefined ? "" : `:${line}`}: ${what}`),
    ...(provenance === undefined || provenance.finished !== undefined ? [] : ["the run did not finish"]),
    ...(count("error") > 0 ? [`${count("error")} cells ended in an error of osbench or its host`] : []),
    ...(count("not-run") + missing.length > 0 ? [`${count("not-run") + missing.length} planned cells have no outcome`] : []),
    ...(count("pass") + count("fail") === 0 ? ["no claim was tried"] : []),
    ...impossibleTimes(run, provenance?.started, all),
  ].map(printable);
}

/** Records from before their run began, or of another run, were not made by it. */
function impossibleTimes(run: string, started: string | undefined, records: readonly CellRecord[]): string[] {
  const early = records.filter((record) => started !== undefined && Date.parse(record.started) < Date.parse(started) - 60_000);
  const negative = records.filter(({ durationMs }) => durationMs < 0);
  return [
    ...(early.length > 0
      ? [`${early.length} records are older than their run ${run}: the clock was set back, or they are of another run`]
      : []),
    ...(negative.length > 0 ? [`${negative.length} records took less than no time`] : []),
  ];
}

function cellKey({ image, target, suite, test }: CellRecord): string {
  return JSON.stringify([image.name, target.name, suite.name, test]);
}
