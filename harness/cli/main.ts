import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Command, CommanderError } from "commander";
import { commandNames, register } from "./support/commands.ts";
import { exitCodes, report } from "./support/report.ts";

// What takes longest to read begins first; a run that is only to be planned, explained or refused ends it unused.
if (process.argv[2] === "run" && !process.argv.some((word) => ["--plan", "--help", "-h"].includes(word)))
  (await import("../run/schedule/spare.ts")).startSpareWorker();

const manifest = JSON.parse(await readFile(join(import.meta.dirname, "../../package.json"), "utf8")) as {
  version: string;
  description: string;
};

const program = new Command("osbench")
  .description(manifest.description)
  .version(manifest.version)
  .addHelpText(
    "after",
    `\nExit codes:\n${Object.entries(exitCodes)
      .map(([code, meaning]) => `  ${code.padStart(3)}  ${meaning}`)
      .join("\n")}`,
  )
  .showSuggestionAfterError()
  .showHelpAfterError("  `osbench --help` lists the commands, `osbench COMMAND --help` explains one.")
  .exitOverride();

try {
  // Loading a command loads what it works with; all of them are needed only to list them.
  const asked = process.argv[2] ?? "";
  const names = await commandNames();
  if (!["-V", "--version"].includes(asked)) await register(program, names.includes(asked) ? [asked] : names);
  await program.parseAsync();
} catch (error) {
  // Commander has already said what it has to say.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else process.exitCode = report(error);
}
