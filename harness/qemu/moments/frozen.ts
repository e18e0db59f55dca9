import { constants, existsSync } from "node:fs";
import { copyFile, open } from "node:fs/promises";
import { basename, join } from "node:path";
import type { ToolsPlace } from "../../model/context.ts";
import type { SavedHardware } from "../../model/hardware.ts";
import { runTool, toolFile } from "../../host/tools.ts";
import type { MachineSpec } from "../argv.ts";

/** A machine at rest. Its folder holds `ram`, `devices`, variables, disks, and an empty overlay over each of those. */
export interface Frozen extends SavedHardware {
  /** As the saved machine was started; paths of its own lines no longer mean anything. */
  readonly spec: MachineSpec;
}

/** The parts of a machine that are files and outlast its power. */
export interface Storage {
  readonly disks: readonly string[];
  readonly vars: string | undefined;
}

export const ramFile = "ram";
export const devicesFile = "devices";

/** Where a saved machine's memory and devices lie. */
export function frozenFiles({ folder }: Pick<Frozen, "folder">): { ram: string; devices: string } {
  return { ram: join(folder, ramFile), devices: join(folder, devicesFile) };
}

/** Makes an empty overlay over each disk of a machine that is about to be saved: a fork then needs no tool to have its own. */
export async function prepareOverlays(tools: ToolsPlace, disks: readonly string[], signal: AbortSignal): Promise<void> {
  await Promise.all(
    disks.map(async (file) => {
      const size = String(await virtualSize(file));
      const argv = ["qemu-img", "create", "-q", "-u", "-f", "qcow2", "-b", file, "-F", "qcow2", overlayOf(file), size];
      await runTool(tools, argv, { signal, timeoutMs: 30_000 });
    }),
  );
}

/** Gives a fork its own disks, empty over what the saved machine left, and a copy of its variables, in a folder. */
export async function copyStorage({ spec }: Frozen, folder: string, mark = ""): Promise<Storage> {
  const own = (file: string) => join(folder, `${mark}${basename(file)}`);
  const copy = async (from: string, to: string) => await copyFile(from, to, constants.COPYFILE_FICLONE);
  const vars = spec.firmware.vars;
  await Promise.all([...spec.disks.map((disk) => copy(overlayOf(disk), own(disk))), vars !== undefined && copy(vars, own(vars))]);
  return { disks: spec.disks.map(own), vars: vars === undefined ? undefined : own(vars) };
}

function overlayOf(file: string): string {
  return `${file}.fork`;
}

/** Every file a saved machine is made of: its own, and what its disks and variables build on. */
export async function filesOf(tools: ToolsPlace, folder: string, { disks, vars }: Storage): Promise<string[]> {
  const chains = await Promise.all(disks.map((file) => chainOf(tools, file)));
  const { ram, devices } = frozenFiles({ folder });
  return [...new Set([ram, devices, ...(vars === undefined ? [] : [vars]), ...disks.map(overlayOf), ...chains.flat()])];
}

/** A disk and those it is an overlay of, as paths of the host. */
async function chainOf(tools: ToolsPlace, file: string): Promise<string[]> {
  const header = await readHeader(file);
  if (header.toString("latin1", 0, 4) !== "QFI\xfb" || header.readBigUInt64BE(8) === 0n) return [file];
  const [offset, length] = [Number(header.readBigUInt64BE(8)), header.readUInt32BE(16)];
  const below = header.toString("utf8", offset, offset + length);
  // The tools see their own files where the host has others.
  const own = toolFile(tools, below);
  return [file, ...(await chainOf(tools, existsSync(own) ? own : below))];
}

/** Size of the disk a qcow2 file holds, in bytes. */
async function virtualSize(file: string): Promise<bigint> {
  return (await readHeader(file)).readBigUInt64BE(24);
}

/** The first cluster's beginning, in which the name of the file below stands too. Source: QEMU docs/interop/qcow2.rst, header. */
async function readHeader(file: string): Promise<Buffer> {
  const handle = await open(file);
  try {
    const header = Buffer.alloc(4096);
    await handle.read(header, 0, header.length, 0);
    return header;
  } finally {
    await handle.close();
  }
}
