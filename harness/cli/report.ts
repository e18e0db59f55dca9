import { mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Argument, type Command } from "commander";
import { fileOf } from "../matrix/evidence.ts";
import type { MatrixDecision } from "../matrix/document.ts";
import { decide } from "../matrix/gate/decide.ts";
import { loadPolicy, strictest } from "../matrix/gate/policy.ts";
import { readSeen } from "../matrix/gate/read-seen.ts";
import { told } from "../matrix/gate/told.ts";
import { readNewest, type Newest } from "../matrix/outputs/newest.ts";
import { runFoldersIn } from "../matrix/read-run.ts";
import { formatProblem, InputError } from "../model/errors.ts";
import type { Evidence } from "../model/record.ts";

interface ReportFlags {
  readonly to?: string;
  readonly origin?: string;
  readonly policy?: string;
  readonly baseline: string[];
}

/** A format is one text, or files in a folder. */
type Format =
  | { readonly text: (newest: Newest, flags: ReportFlags, folders: readonly string[]) => Promise<string> }
  | { readonly folder: (newest: Newest, folder: string) => Promise<number> };

const formats: Readonly<Record<string, Format>> = {
  markdown: {
    text: async (newest, flags, folders) =>
      (await import("../matrix/outputs/summary.ts")).summaryMarkdown(newest, await decisionOn(folders, flags)),
  },
  junit: {
    text: async ({ cells, runs }) =>
      (await import("../run/junit.ts")).junitOf(
        runs.join(", "),
        cells.map(({ record }) => record),
      ),
  },
  ctrf: { text: async (newest) => (await import("../matrix/outputs/ctrf.ts")).ctrfOf(newest) },
  kcidb: { text: async (newest, { origin }) => (await import("../matrix/outputs/kcidb.ts")).kcidbOf(newest, origin) },
  badges: {
    folder: async (newest, folder) => {
      const badges = (await import("../matrix/outputs/badges.ts")).badgesOf(newest);
      for (const { file, svg } of badges) await writeFile(path.join(folder, file), svg);
      return badges.length;
    },
  },
  allure: { folder: writeResults },
  "allure-report": {
    folder: async (newest, folder) => {
      const { writeAllureReport } = await import("../run/allure-report.ts");
      const results = await mkdtemp(path.join(tmpdir(), "osbench-allure-"));
      try {
        const count = await writeResults(newest, results);
        await writeAllureReport(results, folder);
        return count;
      } finally {
        await rm(results, { recursive: true, force: true });
      }
    },
  },
};

const help = `
Formats:
  markdown  a summary for a merge request: what fails, then counts; with --policy or --baseline also what the gate says
  junit     JUnit XML
  ctrf      Common Test Report Format (JSON)
  kcidb     a submission to KCIDB (JSON, schema 5.3); --origin names your system
  badges    SVG files: one for everything, one for each image in each target
  allure    Allure results
  allure-report  Allure's pages of them, without its analytics: they ask no network for anything

All are made of the newest outcome of each cell, as the matrix shows it. A planned cell that was not run is never left out.

Examples:
  $ osbench report markdown                          all runs in ./out, to standard output
  $ osbench report ctrf out/RUN --to report.json
  $ osbench report badges out/RUN --to public/badges`;

/** Adds `osbench report`. */
export function register(program: Command): void {
  program
    .command("report")
    .description("write what runs found in the formats other programs read")
    .addArgument(new Argument("<format>", "what to write").choices(Object.keys(formats)))
    .argument("[runs...]", "run directories (default: all runs in ./out)")
    .option("-t, --to <path>", "file to write, or folder for badges and Allure (default: standard output)")
    .option("--origin <name>", "kcidb: the name of the submitting system, of a-z, 0-9 and _ (default: osbench)", origin)
    .option("-p, --policy <file>", "markdown: say what the gate says by this policy")
    .option(
      "-b, --baseline <path>",
      "markdown: run directory or matrix.json to compare with; repeatable",
      (value: string, before: string[]) => [...before, value],
      [],
    )
    .addHelpText("after", help)
    .action(async (name: string, runs: string[], flags: ReportFlags) => {
      const folders = runs.length > 0 ? runs : await runFoldersIn("out");
      if (folders.length === 0) {
        const remedy = "Run `osbench run` first, or name run directories: osbench report FORMAT RUN…";
        throw new InputError([{ at: { file: path.resolve("out") }, what: "holds no run directories", remedy }], "OSB_NO_RUNS");
      }
      const format = formats[name]!;
      if ("folder" in format && flags.to === undefined)
        throw new InputError([
          { at: { flag: "--to" }, what: `is missing: ${name} is more than one file`, remedy: "Name a folder: --to DIR" },
        ]);
      const asked = flags.policy === undefined ? "--baseline" : "--policy";
      if (name !== "markdown" && (flags.policy !== undefined || flags.baseline.length > 0))
        throw new InputError([
          {
            at: { flag: asked },
            what: `is for markdown: ${name} says what was seen`,
            remedy: "`osbench matrix --policy` and `osbench gate --json` give the verdicts, too.",
          },
        ]);
      const newest = await readNewest(folders);
      for (const { folder, file, line, what } of newest.damage) {
        const at = { file: path.relative("", path.join(folder, file)), ...(line === undefined ? {} : { line }) };
        console.error(`warning: ${formatProblem({ at, what })}`);
      }
      await write(name, format, newest, flags, folders);
    });
}

/** What the gate says of runs, where it is asked. */
async function decisionOn(folders: readonly string[], { policy, baseline: names }: ReportFlags): Promise<MatrixDecision | undefined> {
  if (policy === undefined && names.length === 0) return undefined;
  const rules = policy === undefined ? strictest : await loadPolicy(policy);
  const current = await readSeen(folders);
  const before = names.length > 0 ? await readSeen(names) : undefined;
  const question = { policy: rules, baseline: before && { names, seen: before }, now: new Date() };
  const decision = decide(current, rules, before, question.now);
  try {
    return told(decision, question);
  } finally {
    for (const one of [decision, current, before]) one?.close();
  }
}

async function writeResults({ cells }: Newest, folder: string): Promise<number> {
  const { writeAllure } = await import("../run/allure.ts");
  for (const [run, own] of Map.groupBy(cells, (cell) => cell.folder)) {
    const records = await Promise.all(own.map(async ({ record }) => ({ ...record, evidence: await present(record.evidence, run) })));
    writeAllure(run, records, folder);
  }
  return cells.length;
}

/** Only evidence that is there, inside its run directory: Allure copies it. */
async function present(evidence: readonly Evidence[], run: string): Promise<Evidence[]> {
  const kept: Evidence[] = [];
  for (const one of evidence) {
    const file = await fileOf(one.path, run);
    if (typeof file === "string" && (await stat(file)).isFile()) kept.push(one);
  }
  return kept;
}

async function write(name: string, format: Format, newest: Newest, flags: ReportFlags, folders: readonly string[]): Promise<void> {
  if ("folder" in format) {
    const folder = path.resolve(flags.to!);
    await mkdir(folder, { recursive: true });
    console.error(`${await format.folder(newest, folder)} ${name} in ${path.relative("", folder) || "."}`);
    return;
  }
  const text = await format.text(newest, flags, folders);
  if (flags.to === undefined) {
    process.stdout.write(text);
    return;
  }
  await mkdir(path.dirname(path.resolve(flags.to)), { recursive: true });
  await writeFile(flags.to, text);
}

function origin(value: string): string {
  if (/^[a-z0-9_]+$/.test(value)) return value;
  throw new InputError([
    { at: { flag: `--origin ${value}` }, what: "may hold only a-z, 0-9 and _", remedy: "For example: --origin our_lab" },
  ]);
}
