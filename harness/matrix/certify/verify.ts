import { opendir } from "node:fs/promises";
import type { KeyObject } from "node:crypto";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { InputError } from "../../model/errors.ts";
import { provenanceFile, recordsFile } from "../read-run.ts";
import { locateBundle, readBundle } from "./bundle.ts";
import { discord, hashFile, printable, type CoveredFile, type Hashed } from "./covered-files.ts";
import { gather } from "./gather.ts";
import { keyId } from "./keys.ts";
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
  const { run, hardware, notice, counts, files: signed, evidence } = statements.run.predicate;
  const problems: string[] = [];
  for (const file of signed) {
    const problem = discord({ ...file, said: "the certificate" }, await hashFile(folder, file.path));
    if (problem !== undefined) problems.push(problem);
  }
  // Records are read only when they are those that were signed.
  const { claims, covered } = problems.length > 0 ? { claims: [], covered: undefined } : await compareClaims(folder, statements);
  const whole = [...problems, ...claims];
  const { result } = statements.testResult.predicate;
  const files = signed.length - problems.length + (evidence?.count ?? 0);
  const uncovered = await uncoveredFiles(folder, covered ?? new Set(signed.map((file) => file.path)));
  return { ...about, holds: whole.length === 0, problems: whole, run, result, hardware, notice, counts, files, uncovered };
}

interface Paths {
  readonly has: (path: string) => boolean;
}

/** What the certificate claims beyond what its own records say: a signature does not make a claim true. */
async function compareClaims(
  folder: string,
  signed: { testResult: TestResultStatement; run: RunStatement },
): Promise<{ readonly claims: string[]; readonly covered: Paths | undefined }> {
  const { files, cells } = signed.run.predicate;
  const named = new Map(files.map((file) => [file.path, file]));
  const own = [recordsFile, provenanceFile].map((file) => named.get(file) ?? file);
  const lacking = own.filter((file) => typeof file === "string");
  if (lacking.length > 0) return { claims: lacking.map((file) => `${file}: is not covered by the certificate`), covered: named };
  // What the certificate names was read and is as it says; what it only counts has to be read now.
  const listed = async (file: string): Promise<Hashed> =>
    named.get(file) ?? { problem: "a record names it, and the certificate does not cover it" };
  try {
    const gathered = cells ? await gather(folder, listed, "listed") : await gather(folder, (file) => hashFile(folder, file), "counted");
    const { provenance, damage, problems, evidencePaths } = gathered;
    const covered = cells ? named : evidencePaths;
    if (damage.length > 0 || provenance === undefined) return { claims: [...damage], covered };
    const fresh = statementsOf({ ...gathered, provenance }, own as CoveredFile[]);
    const claim = (words: string, ours: unknown, theirs: unknown) => (isDeepStrictEqual(ours, theirs) ? [] : [words]);
    const { testResult, run } = signed;
    const claims = [
      ...problems,
      ...claim("the run it names is not the one whose records it covers", gathered.run, run.predicate.run),
      ...claim("it claims of hardware what its records do not say", fresh.run.predicate.hardware, run.predicate.hardware),
      ...claim("its result is not what its records say", fresh.testResult.predicate, testResult.predicate),
      ...claim("its cells are not what its records say", fresh.run.predicate.cells, run.predicate.cells),
      ...claim("its counts are not what its records say", fresh.run.predicate.counts, run.predicate.counts),
      ...claim("its evidence is not what its records name", fresh.run.predicate.evidence, run.predicate.evidence),
      ...claim("its subjects are not what was tested", fresh.run.subject, run.subject),
    ];
    return { claims, covered };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { claims: error.problems.map(({ what }) => printable(what)), covered: undefined };
  }
}

async function uncoveredFiles(folder: string, covered: Paths): Promise<string[]> {
  const found: string[] = [];
  const pending = [path.join(folder, "evidence")];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    const entries = await opendir(at).catch(() => undefined);
    if (!entries) continue;
    for await (const entry of entries) {
      const file = path.join(at, entry.name);
      const shown = path.relative(folder, file).split(path.sep).join("/");
      if (entry.isDirectory()) pending.push(file);
      else if (!covered.has(shown)) found.push(shown);
    }
  }
  return found.sort();
}
