import { createReadStream } from "node:fs";
import path from "node:path";
import { type Command, Option } from "commander";
import { formatProblem, InputError } from "../model/errors.ts";
import { readVerifyingKey } from "../matrix/certify/keys.ts";
import type { MetCertificate } from "../matrix/certify/site-certificates.ts";
import { loadPolicy, strictest } from "../matrix/gate/policy.ts";
import { readSeen } from "../matrix/gate/read-seen.ts";
import { outcomeWords } from "../matrix/outcome-words.ts";
import { publishMatrix, type Published } from "../matrix/publish.ts";
import { isRunFolder, runFoldersIn } from "../matrix/read-run.ts";
import { gateWords } from "../matrix/verdict-words.ts";
import { writeOut } from "./support/write-out.ts";

interface MatrixFlags {
  readonly to: string;
  readonly out?: string;
  readonly json?: boolean;
  readonly policy?: string;
  readonly baseline: string[];
  readonly certificate: string[];
  readonly key?: string;
}

const repeated = (value: string, before: string[]) => [...before, value];

const help = `
With --policy or --baseline the page says of every cell what \`osbench gate\` says of it: waived and until when, regressed, fixed, missing.
With --key it says which results are signed by that key, and still are what was signed; without, a certificate is shown as unchecked.

Examples:
  $ osbench matrix                                             all runs in ./out
  $ osbench matrix out/RUN --policy release.yaml --baseline last-release/matrix.json --to site
  $ osbench matrix out/RUN --key release.pub --to site         its certificate, checked

The exit code says whether the site was made: \`osbench gate\` and \`osbench verify\` are for deciding.`;

/** Adds `osbench matrix`. */
export function register(program: Command): void {
  program
    .command("matrix")
    .description("publish the newest outcome of every cell as a web page, Markdown and JSON")
    .argument("[runs...]", "run directories, or folders that hold run directories (default: ./out)")
    .addOption(
      new Option("-o, --to <folder>", "folder to write the site to: index.html with data/, matrix.md and matrix.json").default(
        path.join("out", "matrix"),
      ),
    )
    .addOption(new Option("--out <folder>", "the same as --to").hideHelp())
    .option("-p, --policy <file>", "show what is expected, waived and tolerated by this policy, as `osbench gate` decides")
    .option("-b, --baseline <path>", "run directory or matrix.json to compare with; repeatable", repeated, [])
    .option("-k, --key <file>", "public key of who should have signed the certificates")
    .option("-c, --certificate <path>", "certificate, or run directory with one, that must be there; repeatable; needs --key", repeated, [])
    .option("--json", "print the matrix as JSON on standard output")
    .addHelpText("after", help)
    .action(async (runs: string[], options: MatrixFlags) => {
      if (options.certificate.length > 0 && options.key === undefined) {
        const remedy = "Name the public key of who should have signed: --key key.pub";
        throw new InputError([{ at: { flag: "--certificate" }, what: "cannot be checked without --key", remedy }]);
      }
      const folders = runs.length > 0 ? await runsBelow(runs) : await runFoldersIn("out");
      if (folders.length === 0) {
        const remedy = "Run `osbench run` first, or name run directories: osbench matrix RUN…";
        throw new InputError([{ at: { file: path.resolve("out") }, what: "holds no run directories", remedy }], "OSB_NO_RUNS");
      }
      const {
        html,
        markdown,
        json,
        counts,
        outdated,
        runs: read,
        records,
        damage,
        decision,
        certificates,
      } = await publish(folders, options);
      for (const { folder, file, line, what, kept } of damage) {
        const at = { file: path.relative("", path.join(folder, file)), ...(line === undefined ? {} : { line }) };
        console.error(`warning: ${formatProblem({ at, what, remedy: `Kept: ${kept}.` })}`);
      }
      for (const certificate of certificates) for (const words of warningsOf(certificate)) console.error(`warning: ${words}`);
      if (options.json) {
        // Streamed: the file may be larger than a text can be.
        await writeOut(createReadStream(json));
        return;
      }
      const cells = outcomeWords.reduce((sum, { outcome }) => sum + counts[outcome], 0);
      const said = outcomeWords.filter(({ outcome }) => counts[outcome] > 0).map(({ outcome, label }) => `${counts[outcome]} ${label}`);
      console.log(
        `${plural(cells, "cell")} from ${plural(records, "record")} of ${plural(read, "run")}: ${said.join(", ") || "nothing planned or recorded"}`,
      );
      if (outdated > 0) console.log(`${outdated} of them are about an older image or suite`);
      if (decision) console.log(`gate ${gateWords[decision.exitCode]} (policy ${decision.policy})`);
      for (const file of [html, markdown, json]) console.log(path.relative("", file));
    });
}

async function publish(
  folders: readonly string[],
  { out, to, policy, baseline: names, key, certificate }: MatrixFlags,
): Promise<Published> {
  const certificates = { key: key === undefined ? undefined : await readVerifyingKey(key), given: certificate };
  if (policy === undefined && names.length === 0) return publishMatrix(folders, out ?? to, { certificates });
  const rules = policy === undefined ? strictest : await loadPolicy(policy);
  const seen = names.length > 0 ? await readSeen(names) : undefined;
  try {
    const gate = { policy: rules, baseline: seen && { names, seen }, now: new Date() };
    return await publishMatrix(folders, out ?? to, { gate, certificates });
  } finally {
    seen?.close();
  }
}

/** What is shown as no certificate is said where it is published, too. */
function warningsOf({ bundle, state, problems }: MetCertificate): string[] {
  const file = path.relative("", bundle);
  if (state === "holds") return [];
  if (state === "unchecked") return [`${file} was not checked: no --key says who should have signed it`];
  return problems.slice(0, 5).map((problem) => `${file} does not hold: ${problem}`);
}

/** A folder that is no run but holds some stands for all of them; one that is neither is refused where it is read. */
async function runsBelow(given: readonly string[]): Promise<string[]> {
  const folders: string[] = [];
  for (const folder of given) {
    const inside = (await isRunFolder(folder)) ? [] : await runFoldersIn(folder);
    folders.push(...(inside.length > 0 ? inside : [folder]));
  }
  return folders;
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}
