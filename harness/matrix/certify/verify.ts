import { readdir } from "node:fs/promises";
import type { KeyObject } from "node:crypto";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { InputError } from "../../model/errors.ts";
import { lastAttempts } from "../../model/record.ts";
import { provenanceFile, readRun, recordsFile } from "../read-run.ts";
import { bundleFile, locateBundle, readBundle } from "./bundle.ts";
import { expectedOf, hashFiles, printable } from "./covered-files.ts";
import { keyId } from "./keys.ts";
import { slimmer } from "./slim.ts";
import { statementsOf, type RunStatement, type TestResultStatement } from "./statement.ts";

export interface Verification {
  readonly bundle: string;
  readonly folder: string;
  readonly key: string;
  /** Whether signatures, files and records all hold. Where not, nothing below is to be trusted, and most of it is absent. */
  readonly holds: boolean;
  /** Why not. */
  readonly problems: readonly string[];
  readonly run?: string;
  readonly result?: TestResultStatement["predicate"]["result"];
  readonly hardware?: boolean;
  readonly notice?: string;
  readonly counts?: Readonly<Record<string, number>>;
  /** How many files were read again and are as they were signed. */
  readonly files?: number;
  /** Files below `evidence` that no record names: they prove nothing. */
  readonly uncovered?: readonly string[];
}

/**
 * Checks a certificate and all it covers: both signatures, the sha256 of every file, and that what is claimed is what the signed records say. Never
 * throws for what does not hold. Throws InputError only where there is no certificate to check.
 */
export async function verifyRun(given: string, key: KeyObject): Promise<Verification> {
  const { bundle, folder } = await locateBundle(given);
  const about = { bundle, folder, key: keyId(key) };
  let statements: Awaited<ReturnType<typeof readBundle>>;
  try {
    statements = await readBundle(bundle, key);
  } catch (error) {
    if (!(error instanceof InputError) || error.code === "OSB_NO_BUNDLE") throw error;
    return { ...about, holds: false, problems: error.problems.map(({ what }) => what) };
  }
  const { run, hardware, notice, counts, files: signed } = statements.run.predicate;
  const { files, problems } = await hashFiles(
    folder,
    signed.map((file) => ({ ...file, said: "the certificate" })),
  );
  const uncovered = await uncoveredFiles(folder, new Set(signed.map((file) => file.path)));
  // Records are read only when they are those that were signed.
  const claims = problems.length > 0 ? [] : await compareClaims(folder, statements);
  const whole = [...problems, ...claims];
  const { result } = statements.testResult.predicate;
  return { ...about, holds: whole.length === 0, problems: whole, run, result, hardware, notice, counts, files: files.length, uncovered };
}

/** What the certificate claims beyond what its own records say: a signature does not make a claim true. */
async function compareClaims(folder: string, signed: { testResult: TestResultStatement; run: RunStatement }): Promise<string[]> {
  const covered = new Map(signed.run.predicate.files.map((file) => [file.path, file]));
  const lacking = [recordsFile, provenanceFile].filter((file) => !covered.has(file));
  if (lacking.length > 0) return lacking.map((file) => `${file}: is not covered by the certificate`);
  try {
    const contents = await readRun(folder, slimmer());
    if (contents.damage.length > 0 || contents.provenance === undefined)
      return contents.damage.map(({ file, line, what }) => printable(`${file}${line === undefined ? "" : `:${line}`}: ${what}`));
    const uncovered = expectedOf(contents.records).filter(({ path: file }) => !covered.has(file));
    const fresh = statementsOf(
      { run: contents.run, provenance: contents.provenance },
      lastAttempts(contents.records),
      signed.run.predicate.files,
    );
    const claim = (words: string, ours: unknown, theirs: unknown) => (isDeepStrictEqual(ours, theirs) ? [] : [words]);
    const { testResult, run } = signed;
    return [
      ...uncovered.map(({ path: file }) => `${printable(file)}: a record names it, and the certificate does not cover it`),
      ...claim("the run it names is not the one whose records it covers", contents.run, run.predicate.run),
      ...claim("it claims of hardware what its records do not say", fresh.run.predicate.hardware, run.predicate.hardware),
      ...claim("its result is not what its records say", fresh.testResult.predicate, testResult.predicate),
      ...claim("its cells are not what its records say", fresh.run.predicate.cells, run.predicate.cells),
      ...claim("its subjects are not what was tested", fresh.run.subject, run.subject),
    ];
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return error.problems.map(({ what }) => printable(what));
  }
}

async function uncoveredFiles(folder: string, covered: ReadonlySet<string>): Promise<string[]> {
  const entries = await readdir(path.join(folder, "evidence"), { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join("/"))
    .filter((file) => !covered.has(file) && file !== bundleFile)
    .sort();
}
