import { randomBytes } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { QemuAccelerator, ToolsPlace } from "../model/context.ts";
import type { Credential } from "../model/credential.ts";
import { Disposal } from "../model/disposal.ts";
import { HarnessError } from "../model/errors.ts";
import type { BootMedia, Seeds } from "../model/media.ts";
import type { TargetManifest } from "../model/target.ts";
import type { Firmware } from "../host/firmware.ts";
import { toolFile } from "../host/tools.ts";
import { makeWorkspace } from "../host/workspace.ts";
import type { MachineSpec } from "./argv.ts";
import { withBlank } from "./blank.ts";
import { makeBlank, makeCopy, makeOverlay } from "./disk.ts";
import { fittingSize } from "./drives.ts";
import { targetFirmware } from "./firmware.ts";
import { QemuHardware, type QemuParts } from "./hardware.ts";
import { readCertificate, trust } from "./secure-boot.ts";
import { openLines } from "./lines.ts";
import { ramFile } from "./moments/frozen.ts";
import { makeSeeds } from "./seeds.ts";
import { loadArchitecture } from "./target.ts";
import { startTpm } from "./swtpm.ts";
import { restockTpms, takeTpm } from "./tpm-stock.ts";

export interface HardwareRequest {
  readonly name: string;
  readonly target: TargetManifest;
  readonly tools: ToolsPlace;
  readonly accelerator: QemuAccelerator;
  readonly memoryMiB: number;
  readonly disks: BootMedia["disks"];
  /** What it starts from beside disks. */
  readonly media?: Omit<BootMedia, "disks">;
  /** What tells the image whom to let in. */
  readonly seeds?: Seeds;
  readonly credentials: readonly Credential[];
  /** Certificate files the machine trusts under Secure Boot, beside what its firmware trusts already. */
  readonly certificates: readonly string[];
  readonly ports: readonly string[];
  /** Guest address (`a.b.c.d:port`) where updates are served. */
  readonly updateAddress: string | undefined;
  readonly evidenceFolder: string;
  /** Folder for disks, variables and memory of a machine that may be saved; whoever gives it removes it. By default the workspace, and it cannot be saved. */
  readonly storage?: string | undefined;
}

/** Makes the hardware a target describes, switched off: overlays over the image's files, fresh variables, a new TPM. */
export async function openQemu(request: HardwareRequest, signal: AbortSignal): Promise<QemuHardware> {
  const hardware = new QemuHardware(await prepareQemu(request, signal, { tpm: true }));
  const { tools, target } = request;
  // While the guest's firmware starts nobody waits for us.
  if (target.tpm) hardware.events.once("on", () => void restockTpms(tools, target.tpm?.banks ?? []));
  return hardware;
}

/**
 * Makes everything a QEMU of this description needs, and its command line's spec, without starting anything but, where `starts` says so, the TPM of
 * its first power cycle: swtpm starts while the rest is made. The caller calls `release`.
 */
export async function prepareQemu(request: HardwareRequest, signal: AbortSignal, starts: { tpm?: boolean } = {}): Promise<QemuParts> {
  const owned = new Disposal();
  try {
    const { target, tools } = request;
    const workspace = await makeWorkspace("vm");
    owned.defer(() => rm(workspace, { recursive: true, force: true }));
    const inside = (name: string) => join(workspace, name);
    const arch = await loadArchitecture(target.arch);
    const firmware = await targetFirmware(tools, target);
    const { bus, "sector-size": sectorSize, further } = target.disk;
    const kept = (name: string) => join(request.storage ?? workspace, name);
    const disks = [...request.disks, ...further].map((_, index) => kept(`disk${index}.qcow2`));
    const sizeOf = (bytes: number) => fittingSize(bus, bytes);
    const vars = firmware.vars === undefined ? undefined : kept("vars.qcow2");
    const tpmState = target.tpm && inside("tpm");
    const socket = inside("tpm.sock");
    const manufactured = target.tpm && tpmState ? takeTpm(tools, tpmState, target.tpm.banks, signal) : undefined;
    const tpm = tpmState && starts.tpm ? manufactured?.then(() => startTpm(tools, tpmState, socket, signal)) : undefined;
    tpm?.catch(() => {});
    owned.defer(async () => (await tpm?.catch(() => undefined))?.());
    await Promise.all([
      manufactured,
      ...request.disks.map((disk, index) => makeOverlay(tools, disk, disks[index] as string, signal, sizeOf)),
      ...further.map((mib, index) => makeBlank(tools, disks[request.disks.length + index] as string, sizeOf(mib * 2 ** 20), signal)),
      ...(vars ? [makeVariables(request, firmware, inside("vars.raw"), vars, signal)] : []),
    ]);
    const seeds = await makeSeeds(tools, request.seeds ?? {}, kept("seeds"), signal);
    const { lines, updates, named } = await openLines(owned, workspace, request.ports, request.media?.network);
    const flash = {
      ...{ code: firmware.code, codeFormat: firmware.codeFormat, vars, features: firmware.features },
      ...(firmware.loaded && { loaded: firmware.loaded }),
    };
    const spec: MachineSpec = {
      name: request.name,
      arch,
      machine: target.machine,
      cpu: target.cpu,
      cores: target.cores,
      memoryMiB: target.memory ?? request.memoryMiB,
      ...(request.storage !== undefined && { ram: { file: join(request.storage, ramFile), kind: "own" as const } }),
      generation: crypto.randomUUID(),
      accelerator: request.accelerator,
      uuid: crypto.randomUUID(),
      mac: `52:54:00:${[...randomBytes(3)].map((byte) => byte.toString(16).padStart(2, "0")).join(":")}`,
      firmware: await withBlank({ arch, accelerator: request.accelerator, firmware: flash }, workspace),
      disks,
      drives: { bus, sectorSize },
      ...{ card: target.network, tables: target.tables },
      watchdog: target.watchdog === "none" ? undefined : target.watchdog,
      clock: target.clock === "host" ? undefined : target.clock,
      media: { discs: [], ...request.media, ...seeds, ...(named.netboot !== undefined && { server: named.netboot }) },
      tpm: target.tpm && { device: target.tpm.device, socket },
      credentials: request.credentials,
      ...{ monitor: named.monitor, serial: named.serial, ports: named.ports },
      updates: request.updateAddress === undefined ? undefined : { address: request.updateAddress, socket: updates.socket },
      arguments: target.arguments,
    };
    const release = () => owned[Symbol.asyncDispose]();
    const { evidenceFolder, storage } = request;
    return { tools, spec, lines, workspace, storage, evidenceFolder, tpm, tpmState, updates, release };
  } catch (error) {
    await owned[Symbol.asyncDispose]();
    throw error;
  }
}

/** The variables a machine starts with: its firmware's template, and the image's keys where Secure Boot asks for keys. */
async function makeVariables(
  request: HardwareRequest,
  firmware: Firmware,
  draft: string,
  file: string,
  signal: AbortSignal,
): Promise<void> {
  const { tools, certificates } = request;
  const template = { file: firmware.vars as string, format: firmware.varsFormat };
  const wanted = certificates.length > 0 && request.target.firmware.keys !== "none" && firmware.features.includes("secure-boot");
  if (!wanted) return await makeCopy(tools, template, file, signal);
  if (template.format !== "raw")
    throw new HarnessError("OSB_VARIABLE_STORE", `keys can be added only to a raw variable store, ${template.file} is ${template.format}`);
  const trusted = await Promise.all(certificates.map(readCertificate));
  await writeFile(draft, trust(await readFile(toolFile(tools, template.file)), trusted, template.file));
  await makeCopy(tools, { file: draft, format: "raw" }, file, signal);
  await rm(draft);
}
