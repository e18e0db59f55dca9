import { InvalidArgumentError, Option, type Command } from "commander";
import type { ToolsPlace } from "../model/context.ts";
import { diskOf, diskOptions, withoutPasswords, type DiskFlags } from "./support/disk.ts";
import { pauseOf, pauseOptions, type PauseFlags } from "./support/pause-flags.ts";
import { toolsOption } from "./support/options.ts";

interface RunFlags extends DiskFlags, PauseFlags {
  readonly image: string[];
  readonly target: string[];
  readonly out?: string;
  readonly tools: ToolsPlace["kind"];
  readonly signatures: string[];
  readonly junit?: string;
  readonly allure?: string;
  readonly filter?: string;
  readonly workers?: number;
  readonly retries: number;
  readonly json?: boolean;
  readonly live: boolean;
}

const help = `
Every claim is tried on every image in every target; each such cell ends as
  pass            the claim holds
  fail            the image does not do what is claimed
  error           osbench or this host failed; says nothing about the image
  not-applicable  the image or target lacks a capability the claim is about
  not-run         planned, but never reached; the reason says why
Records are written as soon as they are known. Ctrl-C ends the run in order, a second Ctrl-C at once.

Examples:
  $ osbench run suites/boot                                 debian-ab in x86_64
  $ osbench run suites/update suites/rollback --target x86_64 --target ./my-target.yaml
  $ osbench run suites/boot --image ./my-disk.raw           an image of your own
  $ osbench run suites/boot --image ./my-disk.raw --memory 2048 --serial-login root:secret
  $ osbench run suites/boot --filter "login" --no-live      some claims, plain output
  $ osbench run suites/update --pause-on-failure            leaves you the machine of a test that fails
  $ osbench run suites --junit junit.xml --allure allure-results --json > summary.json

Exit codes: 0 all claims hold or do not apply, 1 a claim failed, 2 wrong input, 3 an error or a cell that did not run, 130 interrupted.`;

/** Adds `osbench run`. */
export function register(program: Command): void {
  const command = program
    .command("run")
    .description("boot images and try the claims of suites on them")
    .argument("<suites...>", "folders of suites, or single *.suite.yaml and *.test.ts files")
    .addOption(
      new Option("-i, --image <image>", "name of an image below images/, or path of an image.yaml, its folder or a disk; repeatable")
        .argParser(append)
        .default([], "debian-ab"),
    )
    .addOption(
      new Option("-t, --target <target>", "name of a target, or path of your own target.yaml; repeatable")
        .argParser(append)
        .default([], "x86_64"),
    )
    .option("-o, --out <folder>", "folder for records and evidence; must not hold a run yet (default: out/<time>-<pid>)")
    .addOption(toolsOption())
    .addOption(
      new Option("--signatures <file>", "what console lines mean, beyond and over the built-in signatures; repeatable")
        .argParser(append)
        .default([], "none"),
    )
    .option("-f, --filter <text>", "only tests whose name contains this text")
    .option("-w, --workers <number>", "at most so many machines at once (default: what memory and cores allow)", wholeNumber)
    .option("--retries <number>", "try a suite so often again after an error of the emulator or this host; never after a failure", count, 1)
    .option("--junit <file>", "write the results as JUnit XML too")
    .option("--allure <folder>", "write Allure results, with evidence attached, too")
    .option("--json", "print one JSON summary on standard output at the end; progress goes to standard error")
    .option("--no-live", "plain lines instead of the live view, also on a terminal");
  for (const option of pauseOptions()) command.addOption(option);
  for (const option of diskOptions())
    command.addOption(option.helpGroup("A disk given by its path (--image ./my-disk.raw); an image.yaml says these itself:"));
  command.addHelpText("after", help).action(runCommand);
}

async function runCommand(suites: string[], flags: RunFlags): Promise<void> {
  const [{ runSuites }, { publishMatrix }] = await Promise.all([import("../run/command.ts"), import("../matrix/publish.ts")]);
  process.exitCode = await runSuites(
    { ...flags, suites, disk: diskOf(flags), pause: pauseOf(flags, process.stdin.isTTY), command: withoutPasswords(process.argv.slice(2)) },
    publishMatrix,
  );
}

function append(value: string, before: string[]): string[] {
  return [...before, value];
}

function count(value: string): number {
  if (!/^\d+$/.test(value)) throw new InvalidArgumentError("Give a whole number, 0 for none.");
  return Number(value);
}

function wholeNumber(value: string): number {
  if (!/^\d+$/.test(value)) throw new InvalidArgumentError("Give a whole number of machines, e.g. 2.");
  return Number(value);
}
