import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import { execa } from "./execa.ts";
import { InputError } from "../model/errors.ts";

/** Path of a program on the host's PATH (and the sbin folders ordinary users lack there); undefined if missing. */
export function which(program: string): string | undefined {
  const folders = [...(process.env["PATH"] ?? "").split(":"), "/usr/sbin", "/sbin"].filter((folder) => folder !== "");
  return folders.map((folder) => join(folder, program)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export interface Needs {
  /** Whether the toolbox has still to be made; entering it needs only util-linux. */
  readonly mmdebstrap: boolean;
  readonly progress?: (line: string) => void;
  readonly signal?: AbortSignal;
}

/** Debian package by the program osbench needs of the host itself. */
const needed = { mmdebstrap: "mmdebstrap", newuidmap: "uidmap", setpriv: "util-linux", unshare: "util-linux", mount: "mount" } as const;

/** Sees to it that the host has what the toolbox needs: installs it where that needs no password, else throws one InputError with the command for everything missing. */
export async function requirePrograms(needs: Needs): Promise<void> {
  // mmdebstrap works in a user namespace where it is not root.
  const unneeded = [...(needs.mmdebstrap ? [] : ["mmdebstrap", "newuidmap"]), ...(process.getuid?.() === 0 ? ["newuidmap"] : [])];
  const programs = (Object.keys(needed) as (keyof typeof needed)[]).filter((name) => !unneeded.includes(name));
  const packages = () => [...new Set(programs.filter((name) => !which(name)).map((name) => needed[name]))];
  if (packages().length === 0) return;
  const install = `apt-get update && apt-get install -y --no-install-recommends ${packages().join(" ")}`;
  const trouble = await tryInstall(install, needs);
  const missing = packages();
  if (missing.length === 0) return;
  throw new InputError(
    [
      {
        at: { flag: "--tools toolbox" },
        what: `this host lacks ${missing.join(", ")}${trouble ? ` (${trouble})` : ""}`,
        remedy: which("apt-get")
          ? `Install what is missing: sudo sh -c '${install}'`
          : `Install ${missing.join(", ")} with this system's package manager (mmdebstrap comes from Debian and needs apt and dpkg too), or use --tools host`,
      },
    ],
    "OSB_PREREQUISITES",
  );
}

async function tryInstall(install: string, needs: Needs): Promise<string | undefined> {
  if (!which("apt-get")) return undefined;
  const root = process.getuid?.() === 0;
  if (!root && (await execa("sudo", ["-n", "true"], { reject: false })).failed) return "and this user may not install packages";
  needs.progress?.(`installing what the toolbox needs: ${install}`);
  const argv = root ? ["sh", "-c", install] : ["sudo", "-n", "sh", "-c", install];
  const result = await execa(argv[0] as string, argv.slice(1), {
    reject: false,
    all: true,
    stdin: "ignore",
    env: { DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C.UTF-8" },
    timeout: 600_000,
    ...(needs.signal && { cancelSignal: needs.signal }),
  });
  needs.signal?.throwIfAborted();
  return result.failed ? `installing failed: ${String(result.all).trim().split("\n").at(-1)}` : undefined;
}
