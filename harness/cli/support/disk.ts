import { InvalidArgumentError, Option } from "commander";
import type { OwnImageOptions } from "../../image/ownimage.ts";
import { forms } from "../../model/image.ts";
import { architectures, type Architecture } from "../../model/target.ts";

/** Flags that say of a file given by its path what no file says of itself. */
export interface DiskFlags {
  readonly os?: string;
  readonly form?: (typeof forms)[number];
  readonly initrd?: string;
  readonly root?: string;
  readonly commandLine?: string;
  readonly netboot?: string;
  readonly over?: "pxe" | "http";
  readonly arch?: Architecture;
  readonly imageVersion?: string;
  readonly memory?: number;
  readonly sshUser?: string;
  readonly sshKey?: string;
  readonly serialLogin?: { readonly user: string; readonly password: string };
}

export function diskOptions(): Option[] {
  return [
    new Option("--os <family>", "its update family, e.g. sysupdate (default: none)"),
    new Option("--arch <architecture>", "its architecture (default: that of each target, if it can be started there)").choices(
      architectures,
    ),
    new Option("--image-version <version>", "its version, as its os-release says (default: unknown, then nothing is claimed of it)"),
    new Option("--memory <MiB>", "memory it gets, at least 64 (default: 1024)").argParser(memory),
    new Option("--ssh-user <user>", "log in over SSH as this user, whose key is given by systemd credential, cloud-init seed and Ignition"),
    new Option("--ssh-key <file>", "log in over SSH with this private key, which it trusts already (default user: root)"),
    new Option("--serial-login <user:password>", "log in on its serial line, not by systemd credential").argParser(login),
    new Option("--form <form>", "how it is packed (default: what its first bytes say)").choices(forms),
    new Option("--initrd <file>", "of a kernel: its initrd"),
    new Option("--command-line <text>", 'of a kernel: its command line (default: "console={console}", which stands for the serial line)'),
    new Option("--root <file>", "of a kernel: the root file system, as the machine's first disk"),
    new Option("--netboot <file>", "of a folder: the EFI program in it that the firmware fetches over the network"),
    new Option("--over <protocol>", "of a folder: how the firmware fetches from it (default: pxe)").choices(["pxe", "http"]),
  ];
}

export function diskOf({ arch, imageVersion, serialLogin, ...flags }: DiskFlags): OwnImageOptions {
  const { os, form, memory, sshUser, sshKey, initrd, root, commandLine, netboot, over } = flags;
  const kernel = { initrd, root, commandLine };
  return { os, form, architecture: arch, version: imageVersion, memory, sshUser, sshKey, serial: serialLogin, ...kernel, netboot, over };
}

/** A command line as it may be shown to others: records keep it, and matrices are published. */
export function withoutPasswords(argv: readonly string[]): string[] {
  return argv.map((word, index) => {
    const separate = argv[index - 1] === "--serial-login";
    return separate || word.startsWith("--serial-login=") ? word.replace(/:.*/s, ":…") : word;
  });
}

function memory(value: string): number {
  if (!/^\d+$/.test(value) || Number(value) < 64) throw new InvalidArgumentError("Give a whole number of MiB, at least 64.");
  return Number(value);
}

function login(value: string): { user: string; password: string } {
  const [, user, password] = /^([^:]+):(.*)$/s.exec(value) ?? [];
  if (user === undefined || password === undefined) throw new InvalidArgumentError("Give USER:PASSWORD, e.g. root:secret.");
  return { user, password };
}
