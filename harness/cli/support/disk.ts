import { InvalidArgumentError, Option } from "commander";
import type { OwnImageOptions } from "../../image/ownimage.ts";
import { architectures, type Architecture } from "../../model/target.ts";

/** Flags that say of a disk given by its path what no disk says of itself. */
export interface DiskFlags {
  readonly os?: string;
  readonly arch?: Architecture;
  readonly imageVersion?: string;
  readonly memory?: number;
  readonly sshUser?: string;
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
    new Option("--ssh-user <user>", "log in over SSH as this user, whose key is given by systemd credential"),
    new Option("--serial-login <user:password>", "log in on its serial line, not by systemd credential").argParser(login),
  ];
}

export function diskOf({ os, arch, imageVersion, memory, sshUser, serialLogin }: DiskFlags): OwnImageOptions {
  return { os, architecture: arch, version: imageVersion, memory, sshUser, serial: serialLogin };
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
