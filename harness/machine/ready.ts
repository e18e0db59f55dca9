import type { Console } from "../console/console.ts";
import type { BootInProgress } from "./boot-log.ts";
import type { Shells } from "./shells.ts";
import type { Shell } from "../model/shell.ts";

// systemd's own word if it runs the guest; any other init is as ready as its shell. A shell that is there before the message bus would be told
// nothing: busctl(1) waits for the bus.
const question = `case $(readlink -f /sbin/init) in
*/systemd) [ ! -e /usr/lib/systemd/system/dbus.socket ] || busctl --watch-bind=yes status org.freedesktop.systemd1 >/dev/null 2>&1 ;;
esac
systemctl is-system-running --wait 2>/dev/null || :; cat /proc/sys/kernel/random/boot_id`;

/** Waits until the guest's start-up is over and resolves with its boot id. Says nothing of whether units failed. Source: systemctl(1), is-system-running --wait. */
async function awaitReady(shell: Shell, signal: AbortSignal, timeoutMs: number): Promise<string | undefined> {
  const { stdout } = await shell.run(question, { signal, timeoutMs });
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/m.exec(stdout)?.[0];
}

/**
 * Resolves when a boot is ready: its shell says so, which leaves the boot's id with it, or, where none can be had beside the console, a login prompt
 * shows there. Rejects when the signal aborts, or the shell is lost.
 */
export async function untilReady(
  boot: BootInProgress,
  shells: Shells,
  line: Console,
  userspaceMs: number,
  signal: AbortSignal,
): Promise<void> {
  const way = shells.mustFind ? undefined : shells.ways[0];
  if (!shells.mustFind && (way === undefined || way === "serial")) {
    await line.expect(/(?:^|\n)(?!Last )\S+ login: /, signal, boot.consoleStart);
    return;
  }
  boot.id = await awaitReady(await shells.get(way, signal), signal, userspaceMs);
}
