import type { Command } from "commander";
import { readVerifyingKey } from "../matrix/certify/keys.ts";
import { verifyRun, type Verification } from "../matrix/certify/verify.ts";

interface VerifyFlags {
  readonly key: string;
  readonly hardware?: boolean;
  readonly json?: boolean;
}

const help = `
Checks the signatures, reads every file again, and compares what is claimed with what the signed records say.

Examples:
  $ osbench verify out/RUN --key key.pub                 a run directory that was certified
  $ osbench verify out/RUN --key key.pub --hardware      and only results of real hardware will do

Exit codes: 0 it holds, and every claim passed; 1 it holds, and says that a claim failed or (with --hardware) was not tried on hardware;
2 it does not hold, or there is nothing to check.`;

/** Adds `osbench verify`. */
export function register(program: Command): void {
  program
    .command("verify")
    .description("check a certificate, and that everything it covers is still what was signed")
    .argument("<runs...>", "run directories that were certified, or their certificates")
    .requiredOption("-k, --key <file>", "public key of who should have signed: PEM, a certificate, or OpenSSH")
    .option("--hardware", "accept only results that were made on real hardware")
    .option("--json", "print what was found as JSON on standard output")
    .addHelpText("after", help)
    .action(async (runs: string[], { key: file, hardware, json }: VerifyFlags) => {
      const key = await readVerifyingKey(file);
      const found: Verification[] = [];
      for (const run of runs) found.push(await verifyRun(run, key));
      if (json) console.log(JSON.stringify(found, undefined, 2));
      else for (const one of found) print(one);
      process.exitCode = Math.max(...found.map((one) => exitCodeOf(one, hardware ?? false)));
    });
}

function exitCodeOf({ holds, result, hardware }: Verification, needsHardware: boolean): 0 | 1 | 2 {
  if (!holds) return 2;
  return result === "FAILED" || (needsHardware && !hardware) ? 1 : 0;
}

function print({ bundle, holds, problems, run, result, notice, counts, files, uncovered, key }: Verification): void {
  if (!holds) {
    console.log(`does not hold: ${bundle}`);
    for (const problem of problems) console.log(`        ${problem}`);
    return;
  }
  const outcomes = Object.entries(counts ?? {}).filter(([, count]) => count > 0);
  console.log(`${result}  ${run}: ${outcomes.map(([outcome, count]) => `${count} ${outcome}`).join(", ")}`);
  console.log(`        signed by key ${key}; ${files} files are as they were signed`);
  console.log(`        ${notice}`);
  if (uncovered && uncovered.length > 0)
    console.log(`        ${uncovered.length} files below evidence belong to no record: they prove nothing`);
}
