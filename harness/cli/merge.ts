import type { Command } from "commander";
import { isRunFolder } from "../matrix/read-run.ts";
import { streamRuns } from "../matrix/stream-runs.ts";
import { merge } from "../run/shard/command.ts";
import { near } from "../run/view/words.ts";

interface MergeFlags {
  readonly to: string;
  readonly plan?: string;
  readonly junit?: string;
  readonly json?: boolean;
}

const help = `
All records are kept; of a cell that several runs tried, the newest outcome counts. A cell that was planned and that no run recorded
is written down as not-run, with the reason: its shard was killed, or left nothing. What does not go together (several revisions of a
suite, several builds of an image, shards that divided the matrix differently) is said, here and in run.json. Evidence is copied.
The result is a run directory like any other: \`osbench matrix\` publishes it, \`osbench gate\` decides.

Examples:
  $ osbench merge shards/* --to out/merged                what \`osbench run --shard i/n --out shards/i\` left
  $ osbench merge jobs/* --plan plan.json --to out/merged   what \`osbench plan --json > plan.json\` listed is missed, if no run has it

Exit codes: 0 merged (whatever is missing), 2 wrong input.`;

/** Adds `osbench merge`. */
export function register(program: Command): void {
  program
    .command("merge")
    .description("make one run of the runs of several shards, jobs or hosts, and say what is missing")
    .argument("[runs...]", "run directories; a folder that holds no run is said and passed over")
    .requiredOption("--to <folder>", "folder for the merged run; must not hold a run yet")
    .option("--plan <file>", "what there should be, as `osbench plan --json` wrote it")
    .option("--junit <file>", "write the results as JUnit XML too")
    .option("--json", "print what was merged as JSON on standard output")
    .addHelpText("after", help)
    .action(async (runs: string[], { to, plan, junit, json }: MergeFlags) => {
      const held = await Promise.all(runs.map(isRunFolder));
      const folders = runs.filter((_, index) => held[index]);
      const notes = runs.filter((_, index) => !held[index]).map((folder) => `${folder} holds no run`);
      const { runs: parts, close } = await streamRuns(folders);
      const merged = await merge({ parts, to, plan, junit, notes, command: process.argv.slice(2) }).finally(close);
      if (json) {
        console.log(JSON.stringify(merged, undefined, 2));
        return;
      }
      for (const note of merged.notes) console.log(`note: ${note}`);
      const counts = Object.entries(merged.counts).map(([outcome, count]) => `${count} ${outcome}`);
      console.log(`${merged.cells} cells of ${parts.length} ${parts.length === 1 ? "run" : "runs"}: ${counts.join(", ") || "none"}`);
      if (merged.missing > 0) console.log(`${merged.missing} of them were planned and not reached`);
      console.log(near(merged.folder));
    });
}
