import { stripVTControlCharacters } from "node:util";
import { InputError, type Problem } from "../model/errors.ts";
import { suggest } from "../model/nearest.ts";
import type { PlannedSuite } from "./plan.ts";
import type { ReadSuite } from "./suites.ts";

/** What reads the tests a TypeScript file's text holds. */
export interface TestReader {
  readTests(file: string): Promise<{ tests: string[]; problem: string | undefined }>;
}

/** The tests of each suite; those of TypeScript files are read from their text, and corrected once they are loaded. */
export async function readTests(suites: readonly ReadSuite[], reader: () => TestReader | Promise<TestReader>): Promise<PlannedSuite[]> {
  const problems: Problem[] = [];
  const read: PlannedSuite[] = [];
  for (const suite of suites) {
    const known = suite.tests && { tests: suite.tests, problem: undefined };
    const { tests, problem } = known ?? (await (await reader()).readTests(suite.file));
    if (problem !== undefined) problems.push({ at: { file: suite.source.file }, what: stripVTControlCharacters(problem).trim() });
    read.push({ ...suite, tests });
  }
  if (problems.length > 0) throw new InputError(problems);
  return read;
}

/** A filter that leaves nothing. */
export function noneSelected(suites: readonly ReadSuite[], filter: string): InputError {
  const names = suites.flatMap((suite) => suite.tests ?? []);
  const remedy = `The filter is a part of a test's name, as written in the suite; ${suggest(filter, names)}`;
  return new InputError([{ at: { flag: "--filter" }, what: `no test's name contains "${filter}"`, remedy }]);
}
