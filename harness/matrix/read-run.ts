import { readFile, readdir, stat } from "node:fs/promises";
import path from "node:path";
import type { z } from "zod";
import { InputError } from "../model/errors.ts";
import type { CellRecord, RunProvenance } from "../model/record.ts";
import { record, runProvenance } from "../model/record.ts";
import { longestLine } from "./site/lines.ts";
import { readableVersions, unknownVersion, upgradeRecord, upgradeRun } from "../model/upgrade.ts";

/** Damage in a run directory that does not keep the rest from being read. */
export interface Damage {
  readonly folder: string;
  readonly file: string;
  /** Counts from 1; absent when it is about the whole file. */
  readonly line: number | undefined;
  readonly what: string;
  readonly kept: string;
}

export const recordsFile = "records.jsonl";
export const provenanceFile = "run.json";

/** What to throw for a folder that is no run directory; `folder` is undefined when there is none. */
export async function refuseFolder(given: string, folder: string | undefined): Promise<InputError> {
  if (folder === undefined) return notARun(given, "there is no such folder");
  return notARun(given, await whyNotARun(folder), await runFoldersIn(folder));
}

/** Paths of the run directories directly below `folder`, sorted; empty when there is no such folder. */
export async function runFoldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const found: string[] = [];
  for (const entry of entries) {
    if (!entry.isDirectory() && !entry.isSymbolicLink()) continue;
    const child = path.join(folder, entry.name);
    if (await isRunFolder(child)) found.push(child);
  }
  return found.sort();
}

/** Says whether a folder has a file that only run directories have. */
export async function isRunFolder(folder: string): Promise<boolean> {
  return (await exists(path.join(folder, recordsFile))) || (await exists(path.join(folder, provenanceFile)));
}

/** What is said of a line that was not looked at. */
export function tooLong(bytes: number): string {
  return `the line has ${bytes} bytes, more than the ${longestLine} a record may have`;
}

/**
 * One line of records.jsonl, of this schema or an earlier one; `ended` is false for a last line that no newline ends. Says what is wrong with a line that is no record.
 * Throws InputError for a schema this version does not know.
 */
export function readRecordLine(
  content: string,
  at: { readonly file: string; readonly line: number },
  ended: boolean,
): { readonly record: CellRecord } | { readonly problem: string } {
  const value = parseJson(content);
  // A line lacks its newline only because writing it was cut short.
  if (value === undefined)
    return { problem: ended ? "the line is not JSON" : "the line ends in the middle of a record; writing was cut short" };
  refuseOtherSchema(value, at);
  const parsed = record.safeParse(upgradeRecord(value));
  if (!parsed.success) return { problem: `not a record: ${oneLine(parsed.error)}` };
  if (Number.isNaN(Date.parse(parsed.data.started))) return { problem: `not a record: started "${parsed.data.started}" is no date` };
  return { record: parsed.data };
}

/** run.json from its text; reports what is wrong with one that is missing or damaged. Throws InputError for a schema this version does not know. */
export function readProvenance(file: string, text: string | undefined, report: (what: string) => void): RunProvenance | undefined {
  if (text === undefined) {
    report("the file is missing");
    return undefined;
  }
  const value = parseJson(text);
  if (value === undefined) {
    report("the file is not JSON");
    return undefined;
  }
  refuseOtherSchema(value, { file });
  const parsed = runProvenance.safeParse(upgradeRun(value));
  if (parsed.success && !Number.isNaN(Date.parse(parsed.data.started))) return parsed.data;
  report(`not a run description: ${parsed.success ? `started "${parsed.data.started}" is no date` : oneLine(parsed.error)}`);
  return undefined;
}

/** What failed where no cell could be blamed: no pass of that run is worth what it says. */
export function strayWords(problem: string): string {
  return `code failed outside of any test: ${problem.replace(/\p{C}/gu, " ").slice(0, 300)}`;
}

/** Skipping lines of a newer schema could hide a newer failure behind an older pass, so nothing is published. */
function refuseOtherSchema(value: unknown, at: { file: string; line?: number }): void {
  const schema = unknownVersion(value);
  if (schema === undefined) return;
  const what = `schema version ${JSON.stringify(schema).slice(0, 100)} is unknown; this osbench reads ${readableVersions.join(" and ")}`;
  throw new InputError([{ at, what, remedy: "Publish with the osbench version that made the run, or a newer one." }], "OSB_RECORD_SCHEMA");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function oneLine(error: z.ZodError): string {
  const said = error.issues.map((issue) => `${issue.path.join(".") || "the whole"}: ${issue.message}`).join("; ");
  // Keys come from the file: they must not reach a terminal as commands, nor fill it.
  return said.replace(/\p{C}/gu, "\ufffd").slice(0, 300);
}

function notARun(given: string, what: string, inside: readonly string[] = []): InputError {
  const remedy =
    inside.length > 0
      ? `It holds run directories: ${inside
          .slice(0, 3)
          .map((folder) => path.join(given, path.basename(folder)))
          .join(" ")}${inside.length > 3 ? " …" : ""}`
      : `A run directory holds ${recordsFile} and ${provenanceFile}; \`osbench run\` makes one below out/.`;
  return new InputError([{ at: { file: given }, what: `no run directory: ${what}`, remedy }], "OSB_NOT_A_RUN");
}

async function whyNotARun(folder: string): Promise<string> {
  const { isDirectory } = await stat(folder).then((found) => ({ isDirectory: found.isDirectory() }));
  return isDirectory ? `it has neither ${recordsFile} nor ${provenanceFile}` : "it is a file";
}

/** The text of a run.json; undefined where there is none, or something that is no file. Throws InputError for one far larger than any. */
export async function provenanceText(folder: string): Promise<string | undefined> {
  const file = path.join(folder, provenanceFile);
  if (!(await isFile(file))) return undefined;
  const { size } = await stat(file);
  if (size <= longestLine) return await readFile(file, "utf8");
  throw new InputError([{ at: { file }, what: `has ${size} bytes, more than the ${longestLine} it may have` }], "OSB_NOT_A_RUN");
}

async function isFile(file: string): Promise<boolean> {
  return stat(file).then(
    (found) => found.isFile(),
    () => false,
  );
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
