import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { watchInterruption } from "./interrupt.ts";
import { junitOf } from "./junit.ts";
import { countOutcomes, exitCodeOf } from "./outcome.ts";
import { requestOf, type RequestFlags } from "./request.ts";
import { run, type RunResult } from "./run.ts";
import { openView } from "./view/view.ts";
import { summaryOf } from "./view/summary.ts";
import { painter } from "./view/words.ts";

/** The flags of `osbench run`. */
export interface RunCommand extends RequestFlags {
  readonly junit?: string;
  readonly allure?: string;
  readonly json?: boolean;
  readonly live: boolean;
}

export type Publish = (runFolders: readonly string[], outFolder: string) => Promise<{ readonly html: string }>;

/** Runs suites, shows how it goes, publishes the matrix of the run, and returns the exit code. Throws InputError for wrong input. */
export async function runSuites(flags: RunCommand, publish: Publish): Promise<number> {
  const stream = flags.json ? process.stderr : process.stdout;
  const view = openView(stream, flags.live);
  const interruption = watchInterruption({ onFirst: (words) => view.note(`${words}: closing machines; once more to end at once`) });
  try {
    const result = await run(requestOf(flags), view, interruption);
    const matrix = await writeReports(result, flags, publish);
    view.close();
    const problems = [...result.problems, ...matrix.problems];
    stream.write(summaryOf({ ...result, problems, matrix: matrix.page }, painter(stream)));
    // A shard may be left with nothing to do; a run never is.
    const idle = result.records.length === 0 && problems.length === 0 && flags.shard !== undefined && !interruption.signal.aborted;
    const exitCode = idle ? 0 : exitCodeOf(result.records, problems, interruption.signal.aborted);
    if (flags.json) process.stdout.write(`${JSON.stringify(jsonSummary(result, problems, matrix.page, exitCode), undefined, 2)}\n`);
    return exitCode;
  } catch (error) {
    const exitCode = interruption.exitCode();
    if (exitCode === undefined) throw error;
    return exitCode;
  } finally {
    view.close();
    interruption[Symbol.dispose]();
  }
}

/** Writes what was asked for besides the records. A report that cannot be written is a problem of the run, never the end of it. */
async function writeReports(result: RunResult, { junit, allure }: RunCommand, publish: Publish) {
  const problems: string[] = [];
  const attempt = async <T>(what: string, work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      problems.push(`${what} could not be written: ${(error as Error).message}`);
      return undefined;
    }
  };
  if (junit !== undefined) {
    await attempt(`the JUnit file ${junit}`, async () => {
      await mkdir(dirname(resolve(junit)), { recursive: true });
      await writeFile(junit, junitOf(result.run, result.records));
    });
  }
  if (allure !== undefined) {
    await attempt(`the Allure results in ${allure}`, async () =>
      (await import("./allure.ts")).writeAllure(result.folder, result.records, allure),
    );
  }
  const page = await attempt("the matrix", async () => (await publish([result.folder], join(result.folder, "matrix"))).html);
  return { page, problems };
}

function jsonSummary(
  { run: name, folder, records, durationMs, timing }: RunResult,
  problems: readonly string[],
  matrix: string | undefined,
  exitCode: number,
) {
  return {
    run: name,
    folder,
    matrix,
    exitCode,
    durationMs: Math.round(durationMs),
    timing,
    counts: countOutcomes(records),
    problems,
    records,
  };
}
