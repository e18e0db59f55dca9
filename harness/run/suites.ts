import { basename, dirname, relative } from "node:path";
import { sha256File } from "../host/sha256.ts";
import { InputError, type Problem } from "../model/errors.ts";
import { findSuites, type SuiteFile } from "../suite/find.ts";
import { loadSuite } from "../suite/load.ts";
import type { SuiteSource } from "./cell.ts";

/** A suite file as found; `tests` are known for YAML, and read from the text later for TypeScript. */
export interface ReadSuite {
  /** Absolute path. */
  readonly file: string;
  readonly source: SuiteSource;
  readonly tests: readonly string[] | undefined;
  /** What each test requires, its suite's word with it; missing for TypeScript, whose tests say so when they run. */
  readonly requires?: ReadonlyMap<string, readonly string[]>;
}

/** Finds and reads every suite below the given paths. Throws one InputError with the problems of all of them. */
export async function readSuites(paths: readonly string[]): Promise<ReadSuite[]> {
  const problems: Problem[] = [];
  const collect = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      problems.push(...error.problems);
      return undefined;
    }
  };
  // One by one: a wrong path must not hide what is wrong in the other's suites.
  const found = new Map<string, SuiteFile>();
  for (const path of paths) for (const one of (await collect(() => findSuites([path]))) ?? []) found.set(one.file, one);
  const suites: ReadSuite[] = [];
  for (const file of found.values()) {
    const suite = await collect(() => readSuite(file));
    if (suite) suites.push(suite);
  }
  problems.push(...sameNames(suites));
  if (problems.length > 0) throw new InputError(problems);
  return suites;
}

export async function readSuite({ file, kind }: SuiteFile): Promise<ReadSuite> {
  const shown = relative("", file);
  if (kind === "typescript")
    return { file, source: { name: typescriptName(file), digest: await sha256File(file), file: shown }, tests: undefined };
  const { name, digest, tests, requires } = await loadSuite(file);
  return {
    ...{ file, source: { name, digest, file: shown } },
    tests: tests.map((test) => test.name),
    requires: new Map(tests.map((test) => [test.name, [...requires, ...test.requires]])),
  };
}

/** `suites/boot/power.test.ts` is the suite `boot/power`: its folder says what it is about, as for YAML. */
function typescriptName(file: string): string {
  return `${basename(dirname(file))}/${basename(file).replace(/\.test\.[cm]?[jt]s$/, "")}`;
}

/** Cells are told apart by the suite's name, so two suites of one name would hide each other's results. */
function sameNames(suites: readonly ReadSuite[]): Problem[] {
  return [...Map.groupBy(suites, (suite) => suite.source.name)]
    .filter(([, same]) => same.length > 1)
    .map(([name, same]) => ({
      at: { file: same[1]?.source.file ?? "" },
      what: `the suite is called "${name}", as is ${same[0]?.source.file}`,
      remedy: "Give each suite a name of its own.",
    }));
}
