import { createReadStream } from "node:fs";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { type Command, Option } from "commander";
import { formatProblem, InputError } from "../model/errors.ts";
import { outcomeWords } from "../matrix/outcome-words.ts";
import { publishMatrix } from "../matrix/publish.ts";
import { isRunFolder, runFoldersIn } from "../matrix/read-run.ts";

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
    .option("--json", "print the matrix as JSON on standard output")
    .action(async (runs: string[], options: { to: string; out?: string; json?: boolean }) => {
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
      } = await publishMatrix(folders, options.out ?? options.to);
      for (const { folder, file, line, what, kept } of damage) {
        const at = { file: path.relative("", path.join(folder, file)), ...(line === undefined ? {} : { line }) };
        console.error(`warning: ${formatProblem({ at, what, remedy: `Kept: ${kept}.` })}`);
      }
      if (options.json) {
        // Streamed: the file may be larger than a text can be.
        await pipeline(createReadStream(json), process.stdout, { end: false });
        return;
      }
      const cells = outcomeWords.reduce((sum, { outcome }) => sum + counts[outcome], 0);
      const said = outcomeWords.filter(({ outcome }) => counts[outcome] > 0).map(({ outcome, label }) => `${counts[outcome]} ${label}`);
      console.log(
        `${plural(cells, "cell")} from ${plural(records, "record")} of ${plural(read, "run")}: ${said.join(", ") || "nothing planned or recorded"}`,
      );
      if (outdated > 0) console.log(`${outdated} of them are about an older image or suite`);
      for (const file of [html, markdown, json]) console.log(path.relative("", file));
    });
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
