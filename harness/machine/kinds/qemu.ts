import { join } from "node:path";
import { proveAccelerator } from "../../host/accelerator.ts";
import { directBoot } from "../../image/direct-boot.ts";
import { misfitOfDisk } from "../../image/fitting.ts";
import { accessCredentials } from "../../image/inject.ts";
import { bootMedia } from "../../image/media.ts";
import { accessSeeds } from "../../image/seeds.ts";
import type { QemuAccelerator, WorkerContext } from "../../model/context.ts";
import { InputError } from "../../model/errors.ts";
import type { BootMedia } from "../../model/media.ts";
import { targetFirmware, unstartable } from "../../qemu/firmware.ts";
import type { HardwareRequest } from "../../qemu/open.ts";
import { shellPorts } from "../../shell/channel-shell.ts";
import type { Kind } from "./kind.ts";

/** A machine with firmware, made by QEMU. */
export const qemu: Kind = {
  emulated: true,
  misfit: ({ form, image }) => (form === "rootfs" ? `form: the image ${image} is a root tree, which no firmware starts` : undefined),
  async check({ manifest, folder }, target) {
    const { assertStartable } = await import("../../image/bootable.ts");
    await assertStartable(manifest, folder, target, "--image");
  },
  async stand(tools, target, signal) {
    const { accelerator, reason } = await proveAccelerator(tools, target.arch, { signal });
    const { description, digest } = await targetFirmware(tools, target);
    return { accelerator, why: reason, firmware: `${description} (sha256 ${digest})` };
  },
  async fits(image, tools, target) {
    try {
      const media = await mediaOf({ image, target, tools });
      return (await unstartable(target, media)) ?? (await misfitOfDisk(media, target, image.manifest.certificates));
    } catch (error) {
      if (error instanceof InputError && error.code === "OSB_NO_KERNEL") return `kernel: the image ${error.problems[0]?.what}`;
      throw error;
    }
  },
  async open(context, { version, publicKey, signal, ...place }) {
    const { openQemu } = await import("../../qemu/open.ts");
    return await openQemu({ ...(await qemuRequest(context, publicKey, version, signal)), ...place }, signal);
  },
  async identity(context, version) {
    const { qemuIdentity } = await import("../../qemu/moments/identity.ts");
    return await qemuIdentity(await qemuRequest(context, "drawn by lot", version));
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
