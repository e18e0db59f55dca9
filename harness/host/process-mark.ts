import { readFileSync } from "node:fs";

/** Names a process of this host so that a later one of the same number is not taken for it: its number and when it began, by the kernel's clock. Undefined if there is none. Source: proc_pid_stat(5). */
export function processMark(pid: number = process.pid): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name of the program, in brackets, may hold anything.
    const began = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
    return `${pid}-${began}`;
  } catch {
    return undefined;
  }
}

/** Whether the process of a mark lives. */
export function isAlive(mark: string): boolean {
  const pid = /^(\d+)-/.exec(mark)?.[1];
  return pid !== undefined && processMark(Number(pid)) === mark;
}
