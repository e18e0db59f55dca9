import path from "node:path";
import type { Command } from "commander";
import { formatProblem, InputError } from "../model/errors.ts";
import { outcomeWords } from "../matrix/outcome-words.ts";
import { publishMatrix } from "../matrix/publish.ts";
import { runFoldersIn } from "../matrix/read-run.ts";

/** Adds `osbench matrix`. */
export function register(program: Command): void {
  program
    .command("matrix")
    .description("publish the newest outcome of every cell as a web page, Markdown and JSON")
    .argument("[runs...]", "run directories (default: all in ./out)")
    .option("-o, --out <folder>", "folder to write index.html, matrix.md and matrix.json to", path.join("out", "matrix"))
    .option("--json", "print the matrix as JSON on standard output")
    .action(async (runs: string[], options: { out: string; json?: boolean }) => {
      const folders = runs.length > 0 ? runs : await runFoldersIn("out");
      if (folders.length === 0) {
        const remedy = "Run `osbench run` first, or name run directories: osbench matrix RUN…";
        throw new InputError([{ at: { file: path.resolve("out") }, what: "holds no run directories", remedy }], "OSB_NO_RUNS");
      }
      const { html, markdown, json, matrix, damage } = await publishMatrix(folders, options.out);
      for (const { folder, file, line, what, kept } of damage) {
        const at = { file: path.relative("", path.join(folder, file)), ...(line === undefined ? {} : { line }) };
        console.error(`warning: ${formatProblem({ at, what, remedy: `Kept: ${kept}.` })}`);
      }
      if (options.json) {
        console.log(JSON.stringify(matrix, undefined, 2));
        return;
      }
      const counts = outcomeWords
        .filter(({ outcome }) => matrix.counts[outcome] > 0)
        .map(({ outcome, label }) => `${matrix.counts[outcome]} ${label}`);
      console.log(
        `${matrix.cells.length} cells from ${matrix.runs.length} ${matrix.runs.length === 1 ? "run" : "runs"}: ${counts.join(", ") || "nothing planned or recorded"}`,
      );
      if (matrix.outdated > 0) console.log(`${matrix.outdated} of them are about an older image or suite`);
      for (const file of [html, markdown, json]) console.log(path.relative("", file));
    });
}
