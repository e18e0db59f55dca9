import type { Shell } from "../model/shell.ts";

// systemd's own word if it runs the guest; any other init is as ready as its shell. A shell that is there before the message bus would be told
// nothing: busctl(1) waits for the bus.
const question = `case $(readlink -f /sbin/init) in
*/systemd) [ ! -e /usr/lib/systemd/system/dbus.socket ] || busctl --watch-bind=yes status org.freedesktop.systemd1 >/dev/null 2>&1 ;;
esac
systemctl is-system-running --wait 2>/dev/null || :; cat /proc/sys/kernel/random/boot_id`;

/** Waits until the guest's start-up is over and resolves with its boot id. Says nothing of whether units failed. Source: systemctl(1), is-system-running --wait. */
export async function awaitReady(shell: Shell, signal: AbortSignal, timeoutMs: number): Promise<string | undefined> {
  const { stdout } = await shell.run(question, { signal, timeoutMs });
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/m.exec(stdout)?.[0];
}
