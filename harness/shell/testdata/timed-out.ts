import type { Shell } from "../../model/shell.ts";

/**
 * What a command fails with that never ends and says `begun`: it is given longer until it came so far, and what it starts with `sleep` runs, before
 * its time was over. How fast that is on this host is not what is tested.
 */
export async function timedOut(shell: Pick<Shell, "run">, command: string): Promise<unknown> {
  let error: unknown;
  for (const timeoutMs of [500, 2000, 8000, 32_000]) {
    error = await shell.run(command, { timeoutMs }).catch((reason: unknown) => reason);
    const { "stdout so far": said, "killed in the guest": killed } = (error as { evidence?: Record<string, string> }).evidence ?? {};
    if (said?.startsWith("begun") && killed?.includes("sleep(")) break;
  }
  return error;
}
