import { basename, dirname, extname } from "node:path";
import { imageManifest, unknownVersion, type diskFormat } from "../model/image.ts";
import { architectures, type Architecture } from "../model/target.ts";
import type { FoundImage } from "./manifest.ts";
import { withFile } from "./source.ts";
import type { z } from "zod";

/** What no disk file says of itself. */
export interface OwnImageOptions {
  readonly os?: string | undefined;
  readonly architecture?: Architecture | undefined;
  readonly version?: string | undefined;
  /** MiB. */
  readonly memory?: number | undefined;
  readonly sshUser?: string | undefined;
  readonly serial?: { readonly user: string; readonly password: string } | undefined;
}

/** The flag by which a person gives each of them. */
export const ownImageFlags: Readonly<Record<keyof OwnImageOptions, string>> = {
  os: "--os",
  architecture: "--arch",
  version: "--image-version",
  memory: "--memory",
  sshUser: "--ssh-user",
  serial: "--serial-login",
};

/**
 * Describes somebody's own disk or UKI. How a disk is packed is read from its first bytes, never from its name. Throws InputError at `flag` for a file
 * that is empty or may not be read.
 */
export async function ownImage(file: string, options: OwnImageOptions, flag?: string): Promise<FoundImage> {
  const head = await withFile(file, (source) => source.read(0, Math.min(512, source.size)), flag);
  const uki = head.subarray(0, 2).toString("latin1") === "MZ" && extname(file).toLowerCase() === ".efi";
  const name =
    basename(file, extname(file))
      .toLowerCase()
      .replace(/[^a-z0-9.-]+/g, "-")
      .replace(/^[^a-z0-9]+/, "") || "image";
  const artefact = uki ? { uki: basename(file) } : { disk: basename(file), format: formatOf(head) };
  const manifest = imageManifest.parse({
    image: name,
    title: basename(file),
    os: options.os ?? "none",
    form: uki ? "uki" : "disk",
    // Not known: whatever target it is put in decides.
    architectures: options.architecture ? [options.architecture] : [...architectures],
    access: {
      // The preferred way in is the one that was named: what cannot be asked for a shell by credential would wait for it in vain.
      ...(options.serial && { shell: "none" }),
      ...(options.sshUser !== undefined && { ssh: { user: options.sshUser } }),
      ...(options.serial && { serial: options.serial }),
    },
    ...(options.memory !== undefined && { memory: options.memory }),
    versions: [{ version: options.version ?? unknownVersion, ...artefact }],
  });
  return { name, folder: dirname(file), manifest, file };
}

/** Magic numbers as QEMU's own probing reads them (block/qcow2.c, vmdk.c, vhdx.c, vpc.c). */
const magics: readonly (readonly [string, z.infer<typeof diskFormat>])[] = [
  ["QFI\xfb", "qcow2"],
  ["KDMV", "vmdk"],
  ["# Disk DescriptorFile", "vmdk"],
  ["vhdxfile", "vhdx"],
  ["conectix", "vpc"],
];

function formatOf(head: Buffer): z.infer<typeof diskFormat> {
  const text = head.toString("latin1");
  return magics.find(([magic]) => text.startsWith(magic))?.[1] ?? "raw";
}
