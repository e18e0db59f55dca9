import { join } from "node:path";
import { requireContainers } from "../container/needs.ts";
import { proveAccelerator } from "../host/accelerator.ts";
import { directBoot } from "../image/direct-boot.ts";
import { imageTree } from "../image/image-tree.ts";
import { accessCredentials } from "../image/inject.ts";
import { misfitOfDisk } from "../image/fitting.ts";
import { accessSeeds } from "../image/seeds.ts";
import { bootMedia } from "../image/media.ts";
import type { Accelerator, QemuAccelerator, ToolsPlace, WorkerContext } from "../model/context.ts";
import { InputError } from "../model/errors.ts";
import type { Hardware } from "../model/hardware.ts";
import type { Image } from "../model/image.ts";
import type { BootMedia } from "../model/media.ts";
import type { TargetManifest } from "../model/target.ts";
import { targetFirmware, unstartable } from "../qemu/firmware.ts";
import type { HardwareRequest } from "../qemu/open.ts";
import { shellPorts } from "../shell/channel-shell.ts";

/** What this host runs a target by. */
export interface Stand {
  readonly accelerator: Accelerator;
  /** How that was found. */
  readonly why: string;
  /** In words; undefined for a target without firmware. */
  readonly firmware: string | undefined;
}

export interface HardwareWish {
  readonly name: string;
  /** Which of the image's versions to start from; the first by default. */
  readonly version: string | undefined;
  /** OpenSSH public key to let in. */
  readonly publicKey: string;
  readonly evidenceFolder: string;
  /** Folder for what of the machine outlasts its power, if it may be saved. */
  readonly storage?: string | undefined;
  readonly signal: AbortSignal;
}

interface Kind {
  /** Finds out whether and by what this host runs the target. Throws HarnessError if it cannot. */
  stand(tools: ToolsPlace, target: TargetManifest, signal: AbortSignal): Promise<Stand>;
  /** Why the image cannot be put in the target; undefined if it can. */
  fits(image: Image, tools: ToolsPlace, target: TargetManifest): Promise<string | undefined>;
  /** Puts an image in the target: hardware that is switched off. Throws HarnessError. */
  open(context: WorkerContext, wish: HardwareWish): Promise<Hardware>;
  /** All that decides what the hardware will be and nothing drawn by lot, as plain data. Absent where hardware cannot be saved. */
  identity?(context: WorkerContext, version: string | undefined): Promise<unknown>;
}

/** Everything that differs between kinds of targets. What opens hardware is read where some is opened: planning a run needs none of it. */
export const kinds: Readonly<Record<TargetManifest["kind"], Kind>> = {
  qemu: {
    async stand(tools, target, signal) {
      const { accelerator, reason } = await proveAccelerator(tools, target.arch, { signal });
      const { description, digest } = await targetFirmware(tools, target);
      return { accelerator, why: reason, firmware: `${description} (sha256 ${digest})` };
    },
    async fits(image, tools, target) {
      try {
        const media = await mediaOf({ image, target, tools });
        return (await unstartable(target, media)) ?? (await misfitOfDisk(media, target));
      } catch (error) {
        if (error instanceof InputError && error.code === "OSB_NO_KERNEL") return `kernel: the image ${error.problems[0]?.what}`;
        throw error;
      }
    },
    async open(context, { version, publicKey, signal, ...place }) {
      const { openQemu } = await import("../qemu/open.ts");
      return await openQemu({ ...(await qemuRequest(context, publicKey, version, signal)), ...place }, signal);
    },
    async identity(context, version) {
      const { qemuIdentity } = await import("../qemu/moments/identity.ts");
      return await qemuIdentity(await qemuRequest(context, "drawn by lot", version));
    },
  },
  container: {
    async stand(tools) {
      await requireContainers(tools);
      return { accelerator: "native", why: "the host's own kernel and processor", firmware: undefined };
    },
    async fits(image, tools, target) {
      try {
        await imageTree(image, { tools, arch: target.arch, digest: image.digest });
        return undefined;
      } catch (error) {
        if (error instanceof InputError && error.code === "OSB_NO_TREE") return `root tree: ${error.problems[0]?.what}`;
        throw error;
      }
    },
    async open({ image, target, tools }, { version, publicKey, evidenceFolder, signal }) {
      const tree = await imageTree(image, { tools, arch: target.arch, digest: image.digest, signal }, version);
      // The shell is opened from outside: the guest need not bring one.
      const credentials = accessCredentials({ ...image.manifest.access, shell: "none" }, shellPorts, publicKey);
      const { openContainer } = await import("../container/open.ts");
      return await openContainer({ target, tools, tree, credentials, ports: shellPorts, evidenceFolder });
    },
  },
};

/** What a machine is started from: the image's own files, or what is made of a container image for it. */
async function mediaOf(
  { image, target, tools }: Pick<WorkerContext, "image" | "target" | "tools">,
  version?: string,
  signal?: AbortSignal,
): Promise<BootMedia> {
  if (image.manifest.form !== "oci") return bootMedia(image, version, target.disk["sector-size"]);
  return await directBoot(image, { tools, arch: target.arch, digest: image.digest, signal }, version);
}

async function qemuRequest(
  { image, target, tools, accelerator }: WorkerContext,
  publicKey: string,
  version: string | undefined,
  signal?: AbortSignal,
): Promise<Omit<HardwareRequest, "name" | "evidenceFolder">> {
  const { disks, ...media } = await mediaOf({ image, target, tools }, version, signal);
  return {
    ...{ target, tools, disks, media },
    seeds: accessSeeds(image.manifest.access, publicKey),
    accelerator: accelerator as QemuAccelerator,
    memoryMiB: image.manifest.memory,
    credentials: accessCredentials(image.manifest.access, shellPorts, publicKey),
    certificates: image.manifest.certificates.map((file) => join(image.folder, file)),
    ports: Object.values(shellPorts),
    updateAddress: image.manifest.updates && hostAndPort(image.manifest.updates.address),
  };
}

function hostAndPort(address: string): string {
  const url = new URL(address.includes("://") ? address : `http://${address}`);
  return `${url.hostname}:${url.port || "80"}`;
}
