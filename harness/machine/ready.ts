import type { Shell } from "../model/shell.ts";

// systemd's own word if it runs the guest; any other init is as ready as its shell.
const question = "systemctl is-system-running --wait 2>/dev/null || :; cat /proc/sys/kernel/random/boot_id";

/** Waits until the guest's start-up is over and resolves with its boot id. Says nothing of whether units failed. Source: systemctl(1), is-system-running --wait. */
export async function awaitReady(shell: Shell, signal: AbortSignal, timeoutMs: number): Promise<string | undefined> {
  const { stdout } = await shell.run(question, { signal, timeoutMs });
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/m.exec(stdout)?.[0];
}
