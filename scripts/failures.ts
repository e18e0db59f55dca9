import { readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { z } from "zod";
import { lastAttempts } from "../harness/model/record.ts";

/** What failed, as it is told once more at the end: a log is often kept by its last lines alone. */
export interface Failure {
  /** Absolute path of the test's file; of the records, if it is a suite's cell. */
  readonly file: string;
  /** The test's file or suite, and its name. */
  readonly what: string;
  /** Why, as much as helps: see `briefly`. */
  readonly why: string;
}

const report = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().default(""),
      assertionResults: z.array(
        z.object({ status: z.string(), fullName: z.string().default(""), failureMessages: z.array(z.string()).nullish() }),
      ),
    }),
  ),
});

/** The failed tests of vitest's JSON report, paths relative to `root`; none if there is no such report. */
export async function failuresOfVitest(file: string, root: string): Promise<Failure[]> {
  const parsed = report.safeParse(JSON.parse(await readFile(file, "utf8").catch(() => "{}")));
  const files = (parsed.data?.testResults ?? []).filter(({ status }) => status === "failed");
  return files.flatMap(({ name, message, assertionResults }) => {
    const path = relative(root, name);
    if (assertionResults.length === 0) return [{ file: name, what: path, why: briefly(message) }];
    const failed = assertionResults.filter(({ status }) => status === "failed");
    return failed.map((one) => ({
      file: name,
      what: `${path} › ${one.fullName.trim()}`,
      why: briefly(one.failureMessages?.join("\n") ?? ""),
    }));
  });
}

const name = z.object({ name: z.string() });
const line = z.object({
  image: name,
  target: name,
  suite: name,
  test: z.string(),
  outcome: z.string(),
  failure: z.object({ message: z.string() }).nullish(),
});

/** The cells of a run that neither passed nor were out of place. */
export async function failuresOfRun(folder: string): Promise<Failure[]> {
  const file = join(folder, "records.jsonl");
  const lines = (await readFile(file, "utf8").catch(() => "")).split("\n").filter((text) => text.trim() !== "");
  const records = lastAttempts(lines.map((text) => line.parse(JSON.parse(text))));
  const bad = records.filter(({ outcome }) => outcome !== "pass" && outcome !== "not-applicable");
  return bad.map((cell) => ({
    file,
    what: `${cell.outcome}  ${cell.image.name} × ${cell.target.name}  ${cell.suite.name} › ${cell.test}`,
    why: briefly(cell.failure?.message ?? ""),
  }));
}

/** Paragraphs of the last page: each failure's name, and why under it. */
export function tell(failures: readonly Failure[]): string {
  return failures.map(({ what, why }) => `✗ ${what}\n${why.replaceAll(/^/gmu, "    ")}\n`).join("\n");
}

const linesTold = 14;

/** The first lines, without colours, each of a width that a log shows, and without the frames of packages. */
function briefly(message: string): string {
  const lines = stripVTControlCharacters(message).split("\n");
  const telling = lines.filter((text) => text.trim() !== "" && !/^\s+at .*(?:node_modules|node:|<anonymous>)/u.test(text));
  const told = telling.slice(0, linesTold).map((text) => (text.length > 200 ? `${text.slice(0, 200)}…` : text));
  return [...told, ...(telling.length > linesTold ? [`… ${telling.length - linesTold} lines more`] : [])].join("\n");
}
