import { open, realpath } from "node:fs/promises";
import type { KeyObject } from "node:crypto";
import path from "node:path";
import type { z } from "zod";
import { InputError } from "../../model/errors.ts";
import { printable } from "./covered-files.ts";
import { envelope, unseal } from "./dsse.ts";
import {
  runPredicateType,
  runStatement,
  testResultStatement,
  testResultType,
  type RunStatement,
  type TestResultStatement,
} from "./statement.ts";

/** An in-toto bundle: one envelope a line. Stands in the run directory it is about. */
export const bundleFile = "certificate.intoto.jsonl";

/** Far more than a run of a hundred thousand cells says; more is not looked at. */
export const largestBundle = 256 * 1024 * 1024;

/** The bundle of a run directory, or the file given, and the run directory beside it. Throws InputError if there is none. */
export async function locateBundle(given: string): Promise<{ bundle: string; folder: string }> {
  const real = await realpath(given).catch(() => undefined);
  if (real === undefined) throw new InputError([{ at: { file: given }, what: "there is no such file or folder" }], "OSB_NO_BUNDLE");
  const handle = await open(real);
  try {
    const isFolder = (await handle.stat()).isDirectory();
    return isFolder ? { bundle: path.join(real, bundleFile), folder: real } : { bundle: real, folder: path.dirname(real) };
  } finally {
    await handle.close();
  }
}

/**
 * The two statements of a bundle, each signed by the key. Throws InputError: `OSB_SIGNATURE` where a signature does not hold, `OSB_NO_BUNDLE` for a
 * file that is no bundle, `OSB_BUNDLE` for one that lacks a statement, has one twice, or whose two are about different runs.
 */
export async function readBundle(file: string, key: KeyObject): Promise<{ testResult: TestResultStatement; run: RunStatement }> {
  const found = new Map<string, unknown>();
  for (const { text, line } of linesOf(await textOf(file))) {
    const at = { file, line };
    const statement = parse(unseal(readEnvelope(text, at), key, at)) as { predicateType?: unknown } | undefined;
    const type = String(statement?.predicateType);
    if (found.has(type)) throw bad(at, `a second statement of the kind ${printable(type)}`);
    found.set(type, statement);
  }
  const testResult = statementOf(file, found, testResultType, testResultStatement);
  const run = statementOf(file, found, runPredicateType, runStatement);
  if (testResult.predicate.osbench.run !== run.predicate.run || JSON.stringify(testResult.subject) !== JSON.stringify(run.subject))
    throw bad(
      { file },
      `its statements are about different runs: ${printable(testResult.predicate.osbench.run)} and ${printable(run.predicate.run)}`,
    );
  return { testResult, run };
}

function readEnvelope(text: string, at: { file: string; line: number }) {
  const parsed = envelope.safeParse(parse(text));
  if (parsed.success) return parsed.data;
  const first = parsed.error.issues[0];
  const what = `is no signed in-toto statement: ${printable(first?.path.join(".") || "the whole")}: ${first?.message}`;
  throw new InputError([{ at, what, remedy: "`osbench certify` writes one." }], "OSB_NO_BUNDLE");
}

function statementOf<T>(file: string, found: ReadonlyMap<string, unknown>, type: string, schema: z.ZodType<T>): T {
  const statement = found.get(type);
  if (statement === undefined) throw bad({ file }, `it has no statement of the kind ${type}`);
  const parsed = schema.safeParse(statement);
  if (parsed.success) return parsed.data;
  const first = parsed.error.issues[0];
  throw bad({ file }, `its statement of the kind ${type} is not understood: ${printable(first?.path.join(".") ?? "")}: ${first?.message}`);
}

async function textOf(file: string): Promise<string> {
  const remedy = "`osbench certify RUN --key K` writes it into the run directory.";
  const handle = await open(file).catch((error: Error) => {
    throw new InputError([{ at: { file }, what: `there is no certificate: ${error.message}`, remedy }], "OSB_NO_BUNDLE");
  });
  try {
    const found = await handle.stat();
    const what = found.isFile() ? `has ${found.size} bytes, more than the ${largestBundle} a certificate may have` : "is no regular file";
    if (!found.isFile() || found.size > largestBundle) throw new InputError([{ at: { file }, what, remedy }], "OSB_NO_BUNDLE");
    return await handle.readFile("utf8");
  } finally {
    await handle.close();
  }
}

function linesOf(text: string): { text: string; line: number }[] {
  return text
    .split("\n")
    .map((content, index) => ({ text: content, line: index + 1 }))
    .filter(({ text: content }) => content.trim() !== "");
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function bad(at: { file: string; line?: number }, what: string): InputError {
  return new InputError([{ at, what, remedy: "Do not trust it; ask whoever signed it for the original." }], "OSB_BUNDLE");
}
