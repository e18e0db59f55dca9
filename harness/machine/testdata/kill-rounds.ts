import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { WorkerContext } from "../../model/context.ts";
import { makeWorkspace } from "../../host/workspace.ts";
import { rm } from "node:fs/promises";
import { shelfFolder, sweep } from "../moments/shelf.ts";

/** All PCRs in one word, in a shell that has nothing but `cat`. */
export const allPcrs = "(set -- $(cat /sys/class/tpm/tpm0/pcr-sha256/* 2>/dev/null); IFS=; echo \"$*-\")";

export interface KillRounds {
  readonly rounds: number;
  /** Rounds whose fork had answered before it was killed; in the others it was killed on its way. */
  readonly answered: number;
  /** What was left behind, and which fork was not what was saved. */
  readonly wrong: readonly string[];
}

/**
 * Forks the moment of this context again and again in a process of its own, which is killed at a moment nobody chose: while it opens, restores, runs a
 * command, or disposes. Every fork that answers must have the PCRs `pcrs`, and nobody else's file; nothing may be left of any.
 */
export async function killRounds(
  context: WorkerContext,
  rounds: number,
  pcrs: string,
  progress: (text: string) => void = () => {},
): Promise<KillRounds> {
  const wrong: string[] = [];
  let answered = 0;
  // How long a whole round takes is learnt from those that were let live.
  let whole = 1500;
  for (let round = 0; round < rounds; round++) {
    const mark = `kill-${process.pid}-${round}`;
    const began = performance.now();
    const { said, pid } = await killed(context, mark, round % 5 === 4 ? undefined : Math.random() * whole);
    if (said.includes("over")) whole = performance.now() - began;
    const answer = /answer (\S*)/.exec(said)?.[1];
    if (answer !== undefined) answered++;
    if (answer !== undefined && answer !== pcrs) wrong.push(`round ${round}: its PCRs are ${answer}, saved were ${pcrs}`);
    if (said.includes("cold")) wrong.push(`round ${round}: there was no moment to fork`);
    if (said.includes("foreign")) wrong.push(`round ${round}: it found another fork's file`);
    for (const line of await left([mark, `osb-vm-${pid}-`])) wrong.push(`round ${round}: still there: ${line}`);
    // The next machine's opening is what removes the files of processes that died.
    await rm(await makeWorkspace("probe"), { recursive: true });
    for (const name of readdirSync(tmpdir())) if (name.startsWith(`osb-vm-${pid}-`)) wrong.push(`round ${round}: still there: ${name}`);
    if (round % 50 === 49) progress(`${round + 1} of ${rounds} rounds, ${answered} answered, ${wrong.length} wrong`);
  }
  await sweep();
  for (const folder of readdirSync(shelfFolder()))
    for (const name of readdirSync(join(shelfFolder(), folder))) if (name.startsWith("user-")) wrong.push(`still there: ${folder}/${name}`);
  return { rounds, answered, wrong };
}

async function killed(context: WorkerContext, mark: string, afterMs: number | undefined): Promise<{ said: string; pid: number }> {
  const program = `
    import { openBooted } from ${JSON.stringify(join(import.meta.dirname, "../moments/booted.ts"))};
    console.log("begun");
    const machine = await openBooted(${JSON.stringify({ ...context, bus: undefined })}, { cell: ${JSON.stringify(mark)}, signal: new AbortController().signal });
    if (machine.phase === "off") {
      console.log("cold");
      process.exit(1);
    }
    const { stdout } = await machine.run(${JSON.stringify(`test ! -e /tmp/foreign || echo foreign; echo mine >/tmp/foreign; ${allPcrs}`)});
    if (stdout.includes("foreign")) console.log("foreign");
    console.log("answer " + stdout.trim());
    await machine[Symbol.asyncDispose]();
    console.log("over");
    process.exit(0);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  child.stdout.on("data", (text: Buffer) => {
    // Reading its own code takes longest: what is of interest begins after it.
    if (said === "" && afterMs !== undefined) setTimeout(() => child.kill("SIGKILL"), afterMs);
    said += text.toString();
  });
  await new Promise((resolve) => child.once("close", resolve));
  return { said, pid: child.pid as number };
}

/** Emulators that have one of these marks in their command line. The kernel sends the signals when the parent is gone; dying processes get their turn. */
async function left(marks: readonly string[]): Promise<string[]> {
  let found: string[] = [];
  for (let tries = 0; tries < 100; tries++) {
    found = readdirSync("/proc").flatMap((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
        return /^(\S*qemu-system|\S*swtpm)/.test(line) && marks.some((mark) => line.includes(mark)) ? [line] : [];
      } catch {
        return [];
      }
    });
    if (found.length === 0) return [];
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return found;
}
