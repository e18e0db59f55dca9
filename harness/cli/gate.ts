import path from "node:path";
import type { Command } from "commander";
import { decide, type Decision } from "../matrix/gate/decide.ts";
import { loadPolicy, strictest } from "../matrix/gate/policy.ts";
import { readSeen } from "../matrix/gate/read-seen.ts";
import { runFoldersIn } from "../matrix/read-run.ts";
import { gateWords } from "../matrix/verdict-words.ts";
import { InputError } from "../model/errors.ts";
import { jsonOf, writeOut } from "./support/write-out.ts";

interface GateFlags {
  readonly policy?: string;
  readonly baseline: string[];
  readonly json?: boolean;
}

const help = `
A policy is a YAML file:
  policy: release
  expected:                          # these must have an outcome
    - { image: debian-ab, target: [x86_64, aarch64], suite: [boot, update] }
  waivers:                           # known failures, each with an end
    - cells: { target: aarch64, suite: pcr, test: "holds in PCR 11*" }
      reason: the firmware measures in another order
      owner: firmware team
      tracker: https://tracker.example/123
      expires: 2027-03-31
  tolerate: [still-failing]          # what does not close the gate
Without one, every failure closes the gate.

Examples:
  $ osbench gate                                              all runs in ./out
  $ osbench gate out/RUN --policy release.yaml --baseline last-release/matrix.json

Exit codes: 0 open, 1 an image does not do what is claimed, 2 an error, a missing cell or wrong input: nothing can be said of the image.`;

/** Adds `osbench gate`. */
export function register(program: Command): void {
  program
    .command("gate")
    .description("decide by policy and baseline whether what was tested may be released")
    .argument("[runs...]", "run directories, or a matrix.json (default: all runs in ./out)")
    .option("-p, --policy <file>", "what is expected, waived and tolerated")
    .option(
      "-b, --baseline <path>",
      "run directory or matrix.json to compare with; repeatable",
      (value: string, before: string[]) => [...before, value],
      [],
    )
    .option("--json", "print the decision with the verdict on every cell as JSON on standard output")
    .addHelpText("after", help)
    .action(async (runs: string[], flags: GateFlags) => {
      const given = runs.length > 0 ? runs : await runFoldersIn("out");
      if (given.length === 0) {
        const remedy = "Run `osbench run` first, or name run directories: osbench gate RUN…";
        throw new InputError([{ at: { file: path.resolve("out") }, what: "holds no run directories", remedy }], "OSB_NO_RUNS");
      }
      const policy = flags.policy === undefined ? strictest : await loadPolicy(flags.policy);
      const current = await readSeen(given);
      const baseline = flags.baseline.length > 0 ? await readSeen(flags.baseline) : undefined;
      const decision = decide(current, policy, baseline, new Date());
      try {
        await writeOut(flags.json ? json(decision, policy.policy) : words(decision, policy.policy));
      } finally {
        for (const one of [decision, current, baseline]) one?.close();
      }
      process.exitCode = decision.exitCode;
    });
}

function* words({ reasons, counts, exitCode }: Decision, policy: string): Generator<string> {
  for (const { weight, text } of reasons) yield `${weight.padEnd(4)}  ${text}\n`;
  const said = Object.entries(counts).map(([verdict, count]) => `${count} ${verdict}`);
  yield `gate ${gateWords[exitCode]} (policy ${policy}; ${said.join(", ") || "no cells"})\n`;
}

function json({ exitCode, reasons, cells, waivers, counts }: Decision, policy: string): Iterable<string> {
  return jsonOf({ policy, exitCode, reasons, cells: cells(), waivers, counts });
}
