import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Command, CommanderError } from "commander";
import { ownFolder } from "../host/place.ts";
import { commandNames, register } from "./support/commands.ts";
import { guardProcess } from "./support/guard.ts";
import { exitCodes, report } from "./support/report.ts";

/** Runs the command line this process was started with, to its end; what that was is said by `process.exitCode`. */
export async function main(): Promise<void> {
  guardProcess();
  const manifest = JSON.parse(await readFile(join(ownFolder, "package.json"), "utf8")) as { version: string; description: string };
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
    if (!["-V", "--version"].includes(asked)) await register(program, commandNames.includes(asked) ? [asked] : commandNames);
    await program.parseAsync();
  } catch (error) {
    // Commander has already said what it has to say.
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
    else process.exitCode = report(error);
  }
}
