import { HarnessError } from "../model/errors.ts";
import type { Shell } from "../model/shell.ts";
import { makeFolder } from "./agent.ts";
import { secret } from "./wire.ts";

/** Bytes nobody else has go into the kernel's pool; the program has the kernel draw from it. Source: random(4). */
const renewal = (program: string) => `printf %s ${secret(32)} >/dev/urandom && ${program}`;

/**
 * Leaves a program in the guest's memory by which a machine made of it comes to random numbers of its own. Resolves with where it lies; undefined in a guest
 * that does not let it run.
 */
export async function placeReseed(shell: Shell, program: Uint8Array): Promise<string | undefined> {
  const file = "$osb_d/reseed";
  const script = `${makeFolder(`osbench-${secret(6)}`)}; [ "$osb_d" ] && cat >${file} && chmod 700 ${file} && ${renewal(file)} && echo ${file} || { rm -rf "$osb_d"; false; }`;
  const { code, stdout } = await shell.run(script, { stdin: program });
  return code === 0 ? stdout.trim() : undefined;
}

/** Gives the guest random numbers of its own, by the program that was left there. Throws HarnessError `OSB_RESEED`. */
export async function reseed(shell: Shell, program: string, signal: AbortSignal): Promise<void> {
  const { code, stderr } = await shell.run(renewal(`exec ${program}`), { signal });
  if (code !== 0)
    throw new HarnessError("OSB_RESEED", `the guest could not be given random numbers of its own (exit code ${code}): ${stderr.trim()}`);
}
