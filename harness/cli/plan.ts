import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { InputError } from "../model/errors.ts";
import { requestOf } from "../run/request.ts";
import { previewOf, type Previewed } from "../run/schedule/preview.ts";
import { selected, selectionOptions, type SelectionFlags } from "./support/selection.ts";
import { showPlan } from "./support/print-plan.ts";

interface PlanFlags extends SelectionFlags {
  readonly json?: boolean;
  readonly saveDurations?: string;
  readonly gitlab?: boolean;
  readonly base?: string;
  readonly command: string;
  readonly policy?: string;
  readonly baseline?: string;
}

const help = `
Starts, builds and installs nothing. Durations are what this host learned from earlier runs.

Examples:
  $ osbench plan suites --image debian-ab --image tiny          what would run where, when, for how long
  $ osbench plan suites --json > plan.json                      the same for \`osbench merge --plan\`
  $ osbench plan suites --save-durations durations.json         for \`osbench run --shard i/n --durations\`
  $ osbench plan suites --target x86_64 --target riscv64 --gitlab > child.yml   see docs/pipelines.md

Exit codes: 0 planned, 2 wrong input.`;

/** Adds `osbench plan`. */
export function register(program: Command): void {
  const command = program
    .command("plan")
    .description("say what a run would do: cells, order, durations; or write it as a pipeline of many jobs")
    .argument("<suites...>", "folders of suites, or single *.suite.yaml and *.test.ts files")
    .option("--json", "print the plan as JSON")
    .option("--save-durations <file>", "write what this host learned of these cells, to divide the matrix by")
    .option("--gitlab", "print a GitLab child pipeline: a job for each image in each target, and one that merges and gates")
    .option("--base <file>", "with --gitlab: YAML whose `default`, `variables` and `include` the pipeline starts with")
    .option("--command <command>", "with --gitlab: what starts osbench in a job", "./osbench")
    .option("--policy <file>", "with --gitlab: what the gate goes by")
    .option("--baseline <path>", "with --gitlab: what the gate compares with");
  for (const option of selectionOptions()) command.addOption(option);
  command.addHelpText("after", help).action(async (suites: string[], flags: PlanFlags) => {
    const request = requestOf({ ...flags, ...selected(suites, flags), retries: 0 });
    const previewed = await previewOf(request);
    if (flags.saveDurations !== undefined) await saveDurations(flags.saveDurations, previewed);
    if (flags.gitlab) process.stdout.write(await gitlab(suites, flags, previewed));
    else showPlan(previewed, flags.json ?? false);
  });
}

async function saveDurations(file: string, { plan, expectations }: Previewed): Promise<void> {
  const { keyOf } = await import("../run/expectations.ts");
  const wanted = new Set(plan.cells.map(keyOf));
  await expectations.saveTo(file, (key) => wanted.has(key));
}

async function gitlab(suites: readonly string[], flags: PlanFlags, previewed: Previewed): Promise<string> {
  const { gitlabPipeline } = await import("../run/schedule/gitlab.ts");
  const each = (flag: string, values: readonly string[]) => values.flatMap((value) => [flag, value]);
  const common = [
    ...each("--set", flags.set),
    ...(flags.filter === undefined ? [] : ["--filter", flags.filter]),
    ...(flags.tools === "toolbox" ? [] : ["--tools", flags.tools]),
    ...(flags.workers === undefined ? [] : ["--workers", String(flags.workers)]),
    ...disk(flags),
  ];
  return gitlabPipeline(previewed, {
    selection: [...suites, ...each("--image", flags.image), ...each("--target", flags.target), ...common],
    suites,
    flags: common,
    run: flags.command,
    gate: [
      ...(flags.policy === undefined ? [] : ["--policy", flags.policy]),
      ...(flags.baseline === undefined ? [] : ["--baseline", flags.baseline]),
    ],
    ...(flags.base !== undefined && { base: await baseOf(flags.base) }),
  });
}

/** Flags of a disk given by its path, as typed. Throws InputError for a password: pipelines are read by many. */
function disk({ os, arch, imageVersion, memory, sshUser, serialLogin }: PlanFlags): string[] {
  if (serialLogin) {
    const remedy = "Describe the disk in an image.yaml, and give that.";
    throw new InputError([{ at: { flag: "--serial-login" }, what: "a password does not belong into a pipeline", remedy }]);
  }
  const given = { "--os": os, "--arch": arch, "--image-version": imageVersion, "--memory": memory, "--ssh-user": sshUser };
  return Object.entries(given).flatMap(([flag, value]) => (value === undefined ? [] : [flag, String(value)]));
}

const keywords: readonly string[] = ["default", "variables", "include", "workflow"];

/** What the pipeline starts with. Throws InputError for keywords that would be jobs, or would take the place of what is generated. */
async function baseOf(file: string): Promise<Record<string, unknown>> {
  const { parse } = await import("yaml");
  const remedy = `Give YAML with ${keywords.map((keyword) => `\`${keyword}\``).join(", ")}, as in .gitlab-ci.yml.`;
  const refuse = (what: string) => new InputError([{ at: { file }, what, remedy }]);
  let value: unknown;
  try {
    value = parse(await readFile(file, "utf8"));
  } catch (error) {
    throw refuse((error as Error).message);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw refuse("holds no keywords");
  const foreign = Object.keys(value).find((key) => !keywords.includes(key));
  if (foreign !== undefined) throw refuse(`\`${foreign}\` is no keyword a generated pipeline starts with`);
  return value as Record<string, unknown>;
}
