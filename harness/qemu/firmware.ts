import { existsSync } from "node:fs";
import type { ToolsPlace } from "../model/context.ts";
import { HarnessError, InputError } from "../model/errors.ts";
import type { BootMedia } from "../model/media.ts";
import { suggest } from "../model/nearest.ts";
import type { TargetManifest } from "../model/target.ts";
import { findFirmware, type Firmware } from "../host/firmware.ts";
import { machineTypes, qemuBinary } from "../host/machines.ts";
import { sha256File } from "../host/sha256.ts";
import { toolFile } from "../host/tools.ts";
import { loadArchitecture, type QemuArchitecture } from "./target.ts";

/** What a machine's processor starts with: firmware in flash, or a file that QEMU loads into memory. */
export interface MachineFirmware extends Firmware {
  readonly loaded?: { readonly by: string; readonly "machine-options": readonly string[] };
}

/** The feature of firmware whose variables hold keys already. */
const enrolled = "enrolled-keys";

/**
 * Finds the firmware a target asks for among the tools. Throws HarnessError `OSB_FIRMWARE`, saying what there is instead, and InputError for a machine
 * type these tools' QEMU does not know.
 */
export async function targetFirmware(tools: ToolsPlace, target: TargetManifest): Promise<MachineFirmware> {
  const { type, features, without, keys } = target.firmware;
  await requireMachine(tools, target);
  if (type === "u-boot" || type === "bios") return await loadedFirmware(tools, await loadArchitecture(target.arch), type);
  const need = { arch: target.arch, machine: target.machine };
  if (keys !== "none") return await findFirmware(tools, { ...need, features, without });
  // A machine nobody owns: the same firmware, its variables as they come from the factory.
  return await findFirmware(tools, { ...need, features: features.filter((one) => one !== enrolled), without: [...without, enrolled] });
}

/** Why this target's firmware cannot start what it is given in such a way; undefined if it can. */
export async function unstartable({ arch, disk, firmware: { type } }: TargetManifest, media: BootMedia): Promise<string | undefined> {
  if (type === "none") return undefined;
  const { "unread-disks": unread, "firmware-files": files } = await loadArchitecture(arch);
  if (media.kernel && type !== "uefi" && files[type]?.by === "-kernel")
    return `firmware: ${type} is itself what a ${arch} machine is handed in the kernel's place`;
  if (media.kernel || media.network || media.discs.length > 0 || !unread[type]?.includes(disk.bus)) return undefined;
  return `disk.bus: the ${type} firmware of ${arch} machines has no driver for disks on ${disk.bus}, and can start nothing from them`;
}

async function requireMachine(tools: ToolsPlace, { target, arch, machine }: TargetManifest): Promise<void> {
  const names = (await machineTypes(tools, arch)).flatMap(({ name, alias }) => (alias === undefined ? [name] : [name, alias]));
  if (names.includes(machine)) return;
  const what = `${qemuBinary(arch)} has no machine "${machine}", which target ${target} asks for`;
  throw new InputError([{ at: { flag: "--target" }, what, remedy: suggest(machine, names) }]);
}

async function loadedFirmware(tools: ToolsPlace, arch: QemuArchitecture, type: "u-boot" | "bios"): Promise<MachineFirmware> {
  const found = arch["firmware-files"][type];
  if (!found) throw new HarnessError("OSB_FIRMWARE", `there is no ${type} for ${arch.arch} machines`);
  const file = toolFile(tools, found.file);
  if (!existsSync(file)) {
    const hint =
      tools.kind === "host" ? `Install ${found.package}, or leave out --tools host` : "The toolbox brings none: see `osbench doctor`";
    throw new HarnessError("OSB_FIRMWARE", `no ${type} for ${arch.arch} machines: ${file} does not exist`, { hint });
  }
  return {
    ...{ description: `${type} for ${arch.arch} (${found.package})`, descriptor: found.file, digest: await sha256File(file) },
    ...{ code: found.file, codeFormat: "raw", vars: undefined, varsFormat: "raw", features: [] },
    loaded: { by: found.by, "machine-options": found["machine-options"] },
  };
}
