import path from "node:path";
import type { Command } from "commander";
import { certifyRun, type Certified } from "../matrix/certify/certify.ts";
import { passphraseVariable, readSigningKey } from "../matrix/certify/keys.ts";
import { InputError, type Problem } from "../model/errors.ts";

interface CertifyFlags {
  readonly key: string;
  readonly json?: boolean;
}

const help = `
Writes RUN/certificate.intoto.jsonl: two in-toto statements, signed (DSSE), with the sha256 of every file that proves them.
A key:  openssl genpkey -algorithm ed25519 -out key.pem     or     ssh-keygen -t ed25519 -f key
A key that is protected: its passphrase is read from ${passphraseVariable}.

Only what holds together is signed: every planned cell has an outcome, none ended in an error of osbench, every piece of evidence is the
one that was recorded. Results of emulated and virtual machines and of containers say so, and are never those of hardware.

Examples:
  $ osbench certify out/RUN --key key.pem
  $ osbench verify out/RUN --key key.pub

Exit codes: 0 signed, every claim holds; 1 signed, and it says that a claim failed; 2 not signed.`;

/** Adds `osbench certify`. */
export function register(program: Command): void {
  program
    .command("certify")
    .description("sign what runs found, with everything that proves it")
    .argument("<runs...>", "run directories")
    .requiredOption("-k, --key <file>", "private key, ed25519 or ECDSA: PEM (PKCS#8, SEC1) or OpenSSH")
    .option("--json", "print what was signed as JSON on standard output")
    .addHelpText("after", help)
    .action(async (runs: string[], { key: file, json }: CertifyFlags) => {
      const key = await readSigningKey(file, process.env[passphraseVariable]);
      const certified: Certified[] = [];
      const problems: Problem[] = [];
      for (const run of runs) {
        try {
          certified.push(await certifyRun(run, key));
        } catch (error) {
          if (!(error instanceof InputError)) throw error;
          problems.push(...error.problems);
        }
      }
      if (json) console.log(JSON.stringify(certified, undefined, 2));
      else for (const one of certified) print(one);
      if (problems.length > 0) throw new InputError(problems, "OSB_NOT_CERTIFIABLE");
      process.exitCode = certified.some(({ result }) => result === "FAILED") ? 1 : 0;
    });
}

function print({ run, bundle, key, result, notice, files }: Certified): void {
  console.log(`${result}  ${run}: ${files} files, signed by key ${key.slice(0, 16)}…`);
  console.log(`        ${notice}`);
  console.log(`        ${path.relative("", bundle)}`);
}
