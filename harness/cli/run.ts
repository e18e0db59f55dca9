import { InvalidArgumentError, type Command } from "commander";
import type { Publish } from "../run/command.ts";
import type { Shard } from "../run/shard/assign.ts";
import { pauseOf, pauseOptions, type PauseFlags } from "./support/pause-flags.ts";
import { signaturesOption } from "./support/options.ts";
import { selected, selectionOptions, type SelectionFlags } from "./support/selection.ts";

interface RunFlags extends SelectionFlags, PauseFlags {
  readonly out?: string;
  readonly signatures: string[];
  readonly junit?: string;
  readonly allure?: string;
  readonly shard?: Shard;
  readonly durations?: string;
  readonly plan?: boolean;
  readonly wait?: boolean;
  readonly fresh?: boolean;
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
  $ osbench run suites --image debian-ab --image tiny --plan   what that would take
  $ osbench run suites --shard 2/3                          a third of it; see docs/pipelines.md
  $ osbench run suites --junit junit.xml --allure allure-results --json > summary.json

Exit codes: 0 all claims hold or do not apply, 1 a claim failed, 2 wrong input, 3 an error or a cell that did not run, 130 interrupted.`;

/** Adds `osbench run`. */
export function register(program: Command): void {
  const command = program
    .command("run")
    .description("boot images and try the claims of suites on them")
    .argument("<suites...>", "folders of suites, or single *.suite.yaml and *.test.ts files")
    .option("-o, --out <folder>", "folder for records and evidence; must not hold a run yet (default: out/<time>-<pid>)")
    .addOption(signaturesOption())
    .option("--plan", "only say what would run, where, in which order and for how long; nothing is started or built")
    .option("--shard <number/count>", "run only this part of the matrix, e.g. 2/3; `osbench merge` puts the parts together", shardOf)
    .option("--durations <file>", "divide the matrix by these durations; all shards must be given the same (default: by number of claims)")
    .option("--wait", "wait while another run has this host, instead of giving up")
    .option("--fresh", "boot every machine: fork none from a saved one, and save none (see `osbench moments`)")
    .option("--retries <number>", "try a suite so often again after an error of the emulator or this host; never after a failure", count, 1)
    .option("--junit <file>", "write the results as JUnit XML too")
    .option("--allure <folder>", "write Allure results, with evidence attached, too")
    .option("--json", "print one JSON summary on standard output at the end; progress goes to standard error")
    .option("--no-live", "plain lines instead of the live view, also on a terminal");
  for (const option of [...selectionOptions(), ...pauseOptions()]) command.addOption(option);
  command.addHelpText("after", help).action(runCommand);
}

async function runCommand(suites: string[], flags: RunFlags): Promise<void> {
  const request = { ...flags, ...selected(suites, flags) };
  if (flags.plan) {
    const { printPlan } = await import("./support/print-plan.ts");
    return printPlan(request, flags.json ?? false);
  }
  const { runSuites } = await import("../run/command.ts");
  // Read when there is something to publish: the first machine should not wait for it.
  const publish: Publish = async (...made) => await (await import("../matrix/publish.ts")).publishMatrix(...made);
  process.exitCode = await runSuites({ ...request, pause: pauseOf(flags, process.stdin.isTTY) }, publish);
}

function shardOf(value: string): Shard {
  const [, index, of] = /^(\d+)\/(\d+)$/.exec(value)?.map(Number) ?? [];
  if (index === undefined || of === undefined || index < 1 || index > of)
    throw new InvalidArgumentError("Give NUMBER/COUNT, the number from 1: 2/3 is the second of three.");
  return { index, of };
}

function count(value: string): number {
  if (!/^\d+$/.test(value)) throw new InvalidArgumentError("Give a whole number, 0 for none.");
  return Number(value);
}
