import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** The program that speaks the protocol in the guest, as small as it can be typed: no comments, no indentation. */
export async function agentProgram(): Promise<string> {
  return await script("agent.sh");
}

/** Functions for the shell that runs commands, in framed mode. */
export async function answerProgram(): Promise<string> {
  return await script("answer.sh");
}

async function script(name: string): Promise<string> {
  const text = await readFile(join(import.meta.dirname, name), "utf8");
  const lines = text.split("\n").map((line) => line.trim());
  return `${lines.filter((line) => line !== "" && !line.startsWith("#")).join("\n")}\n`;
}

/** One command line that makes a folder nobody else reads, in `osb_d`; in memory where there is such a place. */
export function makeFolder(name: string): string {
  return `osb_d=; for osb_f in /dev/shm /run /tmp /var/tmp; do mkdir -m 700 $osb_f/.${name} 2>/dev/null && osb_d=$osb_f/.${name} && break; done`;
}
