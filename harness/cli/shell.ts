import { Option, type Command } from "commander";
import { ways, type Way } from "../model/shell.ts";
import { diskOptions } from "./support/disk.ts";
import type { GuestFlags } from "./support/guest.ts";
import { setOption, signaturesOption, targetOption, toolsOption } from "./support/options.ts";

/** The flags of `osbench shell`. */
export interface ShellFlags extends GuestFlags {
  readonly via?: Way;
  readonly command?: string;
}

const help = `
An image is booted for you, and gone when you leave, with all you changed. A machine that runs already, by the name \`osbench attach\` lists,
stays when you leave.

At a terminal you get, by --via
  serial   the serial console, from the firmware on: the default for an image. Ctrl-] q leaves
  ssh      a login shell on a terminal in the guest: the default for a running machine. It ends as you log out, or with Ctrl-] q
  channel  a prompt for the shell on a virtio port, which needs no network and no login, and has no terminal. Ctrl-D leaves
Anywhere else, standard input is read to its end and run as one sh script (by way of channel, ssh or serial, whatever the image offers first);
its output is printed, and its exit code is this command's.

Examples:
  $ osbench shell tiny                              the serial console
  $ osbench shell tiny --via ssh
  $ echo uname -a | osbench shell tiny
  $ osbench shell debian-ab <check.sh >result.txt   a script, on a machine of its own
  $ osbench shell tiny-4f2a -c 'cat /proc/cmdline'  one command, in a machine that runs

Exit codes: that of the script; else 0, 1 the image did not boot, 2 wrong input, 3 osbench or this host failed, 130 interrupted.`;

/** Adds `osbench shell`. */
export function register(program: Command): void {
  const command = program
    .command("shell")
    .description("sit down at a machine of an image, or run a script in it")
    .argument("<image>", "name of an image below images/, or path of an image.yaml, its folder or a disk; or name of a running machine")
    .addOption(targetOption())
    .addOption(setOption())
    .addOption(new Option("--via <way>", "how to get in").choices(ways))
    .option("-c, --command <script>", "run this script, whatever standard input is")
    .option("-o, --out <folder>", "keep what the machine leaves, its console's recording above all, in a new folder")
    .addOption(signaturesOption())
    .addOption(toolsOption());
  for (const option of diskOptions()) command.addOption(option.helpGroup("A disk given by its path; an image.yaml says these itself:"));
  command.addHelpText("after", help).action(async (image: string, flags: ShellFlags) => {
    const { shell } = await import("./support/shell.ts");
    process.exitCode = await shell(image, flags);
  });
}
