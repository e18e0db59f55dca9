import { HarnessError } from "../model/errors.ts";
import type { GuestShell } from "./guest-shell.ts";

const level = "/proc/sys/kernel/printk";

/** Keeps all but emergencies off the console until the shell is closed, which puts back what was set. Source: proc_sys_kernel(5), printk. */
export async function quietKernel(shell: GuestShell): Promise<void> {
  const { code, stdout, stderr } = await shell.run(`read -r level rest <${level} && echo $level && echo 1 >${level}`);
  const before = stdout.trim();
  if (code !== 0 || !/^\d+$/.test(before))
    throw new HarnessError("OSB_KERNEL_LOG", `the console log level could not be lowered: ${stderr || stdout}`);
  shell.beforeClose(() => shell.run(`echo ${before} >${level}`));
}
