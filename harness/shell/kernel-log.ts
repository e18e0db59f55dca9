import { HarnessError } from "../model/errors.ts";
import type { GuestShell } from "./guest-shell.ts";

const level = "/proc/sys/kernel/printk";
/** What was set, kept in the guest: a shell that is lost puts nothing back, and the next one must not take its level for the guest's. */
const places = "/run /dev/shm /tmp";
const kept = ".osbench-console-level";

// A shell's own `read` takes a byte at a time, and the kernel gives no more than the first one of such a file.
const now = `osb_l=$(cat ${level}) && osb_l=\${osb_l%%[!0-9]*}`;

const lower = `${now} || exit
for osb_f in ${places}; do
osb_f=$osb_f/${kept}
[ "$osb_l" = 1 ] && [ -s $osb_f ] || { echo $osb_l >$osb_f; } 2>/dev/null || continue
echo 1 >${level} && ${now} && [ "$osb_l" = 1 ]
exit
done
exit 1`;

const restore = `for osb_f in ${places}; do
osb_f=$osb_f/${kept}
[ -s $osb_f ] || continue
read -r osb_l <$osb_f && echo $osb_l >${level} && rm $osb_f
exit
done`;

/** Keeps all but emergencies off the console until the shell is closed, which puts back what was set. Source: proc_sys_kernel(5), printk. */
export async function quietKernel(shell: GuestShell): Promise<void> {
  const { code, stdout, stderr } = await shell.run(lower);
  if (code !== 0)
    throw new HarnessError("OSB_KERNEL_LOG", `the console log level could not be lowered: ${stderr || stdout || `exit ${code}`}`);
  shell.beforeClose(() => shell.run(restore));
}
