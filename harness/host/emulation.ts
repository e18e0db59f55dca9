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
 * one that had to be registered is removed again, and so is the mount of the kernel's registry once nobody of us needs it: with its last mount go all
 * handlers. Other works for the same architecture wait meanwhile. Throws HarnessError `OSB_EMULATION` if the handler cannot be registered: that takes
 * root. Source: Linux, Documentation/admin-guide/binfmt-misc.rst.
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
  return await withLock(`emulation-${registry}-${arch}`, `emulating ${arch} programs`, options, async () => {
    const alone = <R>(change: () => Promise<R>) => withLock(`emulation-${registry}`, "registering an emulator", options, change);
    await alone(async () => {
      await mountRegistry(registry, arch);
      // Left behind by one of us that was killed.
      await remove(registry, own);
      await register(registry, own, handler, arch);
    });
    try {
      return await work();
    } finally {
      // Whoever waits for this was not asked to: an interrupted build must not leave its handler.
      await withLock(`emulation-${registry}`, "removing an emulator", {}, async () => {
        await remove(registry, own);
        await unmountRegistry(registry);
      });
    }
  });
}

async function remove(registry: string, name: string): Promise<void> {
  const entry = join(registry, name);
  if (existsSync(entry)) await writeFile(entry, "-1").catch(() => {});
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

/** What mounts of ours are called, so that whoever of us is last knows that it may be taken away. */
const mountName = "osbench";

async function mountRegistry(registry: string, arch: Architecture): Promise<void> {
  if (existsSync(join(registry, "register"))) return;
  const { failed, stderr } = await execa("mount", ["-t", "binfmt_misc", mountName, registry], { reject: false });
  if (failed) throw refused(arch, `${registry} cannot be mounted: ${stderr}`);
}

/** Unless somebody else mounted it, or another of us still has a handler in it. */
async function unmountRegistry(registry: string): Promise<void> {
  const mounts = (await readFile("/proc/self/mountinfo", "utf8").catch(() => "")).split("\n").map((line) => line.split(" "));
  // proc_pid_mountinfo(5): the mount point is the fifth field, the source the last but one.
  const ours = mounts.some((fields) => fields[4] === registry && fields.at(-2) === mountName);
  const used = (await readdir(registry).catch(() => [])).some((name) => name.startsWith("osbench-"));
  if (ours && !used) await execa("umount", [registry], { reject: false });
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
