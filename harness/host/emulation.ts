import { existsSync } from "node:fs";
import { readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "./execa.ts";
import type { ToolsPlace } from "../model/context.ts";
import { HarnessError } from "../model/errors.ts";
import type { Architecture } from "../model/target.ts";
import { hostArchitecture } from "./hardware.ts";
import { withLock } from "./lock.ts";
import { toolFile } from "./tools.ts";

/** What the kernel is told about programs of an architecture: by which bytes it knows them, and what runs them. */
export interface Handler {
  readonly magic: string;
  readonly mask: string;
  readonly interpreter: string;
  readonly flags: string;
}

export interface EmulationOptions {
  readonly signal?: AbortSignal;
  readonly progress?: (line: string) => void;
  /** Where the kernel keeps its handlers. */
  readonly registry?: string;
}

/**
 * Does the work while this host runs programs of the architecture, by QEMU's user emulation. A handler that stands there already is used and left alone;
 * one that had to be registered is removed again, and so is the mount of the kernel's registry. Other works of the kind wait meanwhile. Throws HarnessError
 * `OSB_EMULATION` if the handler cannot be registered: that takes root. Source: Linux, Documentation/admin-guide/binfmt-misc.rst.
 */
export async function withEmulation<T>(
  tools: ToolsPlace,
  arch: Architecture,
  options: EmulationOptions,
  work: () => Promise<T>,
): Promise<T> {
  if (arch === hostArchitecture()) return await work();
  const registry = options.registry ?? "/proc/sys/fs/binfmt_misc";
  const handler = await readHandler(tools, arch);
  const own = `osbench-${arch}`;
  // What another of us has registered goes away with it.
  if (await standing(registry, handler, own)) return await work();
  return await withLock(`emulation-${arch}`, `emulating ${arch} programs`, options, async () => {
    const mounted = await mountRegistry(registry, arch);
    const entry = join(registry, own);
    try {
      // Left behind by one of us that was killed.
      if (existsSync(entry)) await writeFile(entry, "-1");
      await register(registry, own, handler, arch);
      return await work();
    } finally {
      if (existsSync(entry)) await writeFile(entry, "-1").catch(() => {});
      if (mounted) await execa("umount", [registry], { reject: false });
    }
  });
}

/** QEMU's own description of the handler, with the emulator that is among the tools. The kernel keeps it open (F), so that it is found in any file system. */
async function readHandler(tools: ToolsPlace, arch: Architecture): Promise<Handler> {
  const file = toolFile(tools, `/usr/share/qemu/binfmt.d/qemu-${arch}.conf`);
  const text = await readFile(file, "utf8").catch(() => {
    throw new HarnessError("OSB_EMULATION", `nothing here runs ${arch} programs: ${file} does not exist`, {
      hint: "Install qemu-user, or leave out --tools host",
    });
  });
  const handler = parseHandler(text);
  if (!handler) throw new HarnessError("OSB_EMULATION", `${file} does not describe a handler: ${text.slice(0, 200)}`);
  return { ...handler, interpreter: toolFile(tools, handler.interpreter) };
}

/** `:name:M::magic:mask:interpreter:flags` */
export function parseHandler(text: string): Handler | undefined {
  const [, magic, mask, interpreter, flags] = /^:[^:]+:M::([^:]+):([^:]*):([^:]+):([A-Z]*)\s*$/m.exec(text) ?? [];
  if (magic === undefined || mask === undefined || interpreter === undefined || flags === undefined) return undefined;
  return { magic, mask, interpreter, flags: flags.includes("F") ? flags : `${flags}F` };
}

/** Whether somebody else's handler for the same programs stands there, in force and found from everywhere. */
async function standing(registry: string, { magic }: Handler, own: string): Promise<boolean> {
  const wanted = Buffer.from(magic.replaceAll("\\x", ""), "hex").toString("hex");
  for (const name of await readdir(registry).catch(() => [])) {
    if (["register", "status", own].includes(name)) continue;
    const text = await readFile(join(registry, name), "utf8").catch(() => "");
    if (text.startsWith("enabled") && /^flags: .*F/m.test(text) && text.includes(`magic ${wanted}`)) return true;
  }
  return false;
}

/** Returns whether it had to be mounted. */
async function mountRegistry(registry: string, arch: Architecture): Promise<boolean> {
  if (existsSync(join(registry, "register"))) return false;
  const { failed, stderr } = await execa("mount", ["-t", "binfmt_misc", "binfmt_misc", registry], { reject: false });
  if (failed) throw refused(arch, `${registry} cannot be mounted: ${stderr}`);
  return true;
}

async function register(registry: string, name: string, { magic, mask, interpreter, flags }: Handler, arch: Architecture): Promise<void> {
  try {
    await writeFile(join(registry, "register"), `:${name}:M::${magic}:${mask}:${interpreter}:${flags}`);
  } catch (error) {
    throw refused(arch, `a handler cannot be registered in ${registry}: ${(error as Error).message}`);
  }
}

function refused(arch: Architecture, why: string): HarnessError {
  return new HarnessError("OSB_EMULATION", `this build runs ${arch} programs, and the host cannot: ${why}`, {
    hint: `Build it once as root (\`sudo osbench build … --arch ${arch}\`), or have the host run such programs always (Debian: qemu-user-binfmt)`,
  });
}
