import type { Console } from "../console/console.ts";
import { ClaimFailed, HarnessError, OsbenchError } from "../model/errors.ts";
import type { Machine } from "./machine.ts";

/** Tells the guest to restart or switch off, which may take the shell away before it answers. */
export async function askToLeave(machine: Machine, command: string): Promise<void> {
  try {
    await machine.run(command, { timeoutMs: 30_000 });
  } catch (error) {
    if (!(error instanceof OsbenchError) || !["OSB_SHELL_LOST", "OSB_POWERED_OFF"].includes(error.code)) throw error;
  }
}

/** A deadline that passed while the guest had its chance is the image's failure, not the harness's; every other error passes unchanged. */
export function blameImage(error: unknown, code: string, what: string, line: Console): unknown {
  if (!(error instanceof HarnessError) || error.code !== "OSB_TIMEOUT") return error;
  // What moves on the screen leaves an empty line between any two: half of what is shown would be nothing.
  const said = line
    .text()
    .split("\n")
    .filter((one) => one.trim() !== "");
  const evidence = { "last console lines": said.slice(-30).join("\n"), "last screen": line.screen() };
  return new ClaimFailed(code, `${what} (${error.message})`, { evidence });
}
