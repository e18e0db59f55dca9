import { join, resolve } from "node:path";
import { architectureFacts } from "../model/architecture.ts";
import { InputError } from "../model/errors.ts";
import type { ImageManifest } from "../model/image.ts";
import type { Architecture, TargetManifest } from "../model/target.ts";
import { laidOut, ociFolder } from "./image-tree.ts";
import { kernelFilesOf } from "./kernel-files.ts";
import { peMachineName, type PeFile } from "./pe.ts";
import { withFile } from "./source.ts";
import { isUki } from "./uki.ts";
import { inRemovablePath, survey, type EfiProgram, type Survey } from "./survey.ts";

/**
 * Refuses an image whose files stand on disk already and that firmware of that architecture could not start, by any of its versions. Throws InputError at
 * `flag` as `assertBootable` does, and for an initrd or root file system that is missing or empty.
 */
export async function assertStartable(
  manifest: ImageManifest,
  folder: string,
  { arch, firmware: { type: firmware } }: Pick<TargetManifest, "arch"> & { readonly firmware: Pick<TargetManifest["firmware"], "type"> },
  flag: string,
): Promise<void> {
  const form = manifest["form-on"]?.[arch] ?? manifest.form;
  const containers = manifest.versions.filter(
    ({ oci, disk }) => oci !== undefined && (form === "oci" || (form === "disk" && disk === undefined)),
  );
  for (const { version } of containers) {
    const layout = await ociFolder({ manifest, folder }, version);
    const { kernel } = await kernelFilesOf(await laidOut(layout, { arch }), layout);
    await assertBootable(kernel, arch, flag, { form: "kernel", firmware });
  }
  if (form === "rootfs") {
    const remedy = "Give a target of kind container: --target container.";
    throw new InputError(
      [{ at: { flag }, what: `${manifest.title} is a root tree, which no firmware starts`, remedy }],
      "OSB_IMAGE_NOT_BOOTABLE",
    );
  }
  for (const version of form === "oci" ? [] : manifest.versions) {
    const { netboot } = version;
    const started = form === "netboot" ? netboot && join(netboot.folder, netboot.file) : version[form];
    if (started !== undefined) await assertBootable(resolve(folder, started), arch, flag, { form, firmware });
    for (const beside of form === "kernel" ? [version.initrd, version.root] : [])
      if (beside !== undefined) await withFile(resolve(folder, beside), () => {}, flag);
  }
}

type Firmware = TargetManifest["firmware"]["type"];

interface Refusal {
  readonly what: string;
  readonly remedy: string;
}

/**
 * Refuses, before any machine starts, a file that firmware of that architecture could not start: missing, empty, no image, packed, of another architecture,
 * or without a program where firmware looks. Reads a few sectors, whatever the file's size. Formats that cannot be looked into (vmdk, vhdx) pass on
 * their magic alone. Throws InputError at `flag` with what was found and what would be right.
 */
export async function assertBootable(
  file: string,
  arch: Architecture,
  flag: string,
  { form, firmware }: { form?: ImageManifest["form"]; firmware?: Firmware } = {},
): Promise<void> {
  await withFile(
    file,
    (source) => {
      const found = survey(source);
      const refusal = refusalOf(found, arch, firmware) ?? (form && mismatch(found, form));
      if (refusal)
        throw new InputError([{ at: { flag }, what: `${file} ${refusal.what}`, remedy: refusal.remedy }], "OSB_IMAGE_NOT_BOOTABLE");
    },
    flag,
  );
}

const expected = "Give a disk image (raw, qcow2, vmdk, vhd, vhdx), an ISO or a unified kernel image.";

/** Why firmware of that architecture could not start what was found; undefined if nothing speaks against it. */
export function refusalOf(found: Survey, arch: Architecture, firmware: Firmware = "uefi"): Refusal | undefined {
  if (firmware === "bios") return refusalOfBios(found, arch);
  const { recognised, disk, programs } = found;
  const damage = found.problems.length > 0 ? ` (${found.problems.join("; ")})` : "";
  if (recognised.form === "other") {
    const remedy = recognised.remedy ?? expected;
    if (recognised.format === "unknown")
      return { what: "is no bootable image: no partition table, no file system UEFI reads, no EFI program", remedy };
    return { what: `is no bootable image, it is ${recognised.words}`, remedy };
  }
  if (recognised.form === "efi" || (recognised.form === "kernel" && programs.length > 0)) return refuseProgram(programs[0], arch, damage);
  if (found.needs !== undefined) {
    return { what: `is a part of an image: ${found.needs}`, remedy: "Make one file of it: qemu-img convert -O qcow2." };
  }
  if (recognised.form === "kernel") return architectureFacts[arch].pc ? undefined : notFor(arch);
  if (found.opaque) return undefined;
  const cutShort = found.problems.find((problem) => problem.endsWith("is it cut short?"));
  if (cutShort !== undefined) return { what: `is damaged: ${cutShort}`, remedy: "Build or download it again." };
  if (!disk && damage) return { what: `is damaged: ${found.problems.join("; ")}`, remedy: "Build or download it again." };
  if (!disk && recognised.form === "iso") {
    const what = found.bios === undefined ? "an ISO without a boot record" : `an ISO that only a BIOS starts (${found.bios})`;
    return {
      what: `is no bootable image: it is ${what}`,
      remedy: "UEFI starts from the EFI image an El Torito boot record names (xorriso -e).",
    };
  }
  if (!disk)
    return { what: `is no bootable image: ${recognised.words} with no partition table and no file system UEFI reads`, remedy: expected };
  const removable = programs.filter(inRemovablePath);
  const { peMachine, removable: name } = architectureFacts[arch];
  const own = removable.filter(({ path }) => path.toUpperCase().endsWith(`/${name}`));
  if (own.some(({ pe }) => pe?.machine === peMachine && isEfi(pe))) return undefined;
  const wrong = own[0] ?? removable[0];
  if (wrong) return refuseProgram(wrong, arch, damage);
  return {
    what: `is no bootable image: ${without(found)}${damage}`,
    remedy: `UEFI of ${arch} starts EFI/BOOT/${name} from a FAT partition (EFI system partition).`,
  };
}

/** A BIOS starts what stands in a disk's first sector, an ISO's boot image, or the kernel it is handed. */
function refusalOfBios({ recognised, bios, needs, opaque }: Survey, arch: Architecture): Refusal | undefined {
  if (recognised.form === "kernel") return architectureFacts[arch].pc ? undefined : notFor(arch);
  if (recognised.form === "efi") return { what: "is an EFI program, which a BIOS does not start", remedy: "Give a target with UEFI." };
  if (recognised.form === "other")
    return { what: `is no bootable image, it is ${recognised.words}`, remedy: recognised.remedy ?? expected };
  if (needs !== undefined) return { what: `is a part of an image: ${needs}`, remedy: "Make one file of it: qemu-img convert -O qcow2." };
  if (opaque || bios !== undefined) return undefined;
  return { what: `is ${recognised.words} without boot code for a BIOS`, remedy: "Give a target with UEFI, or an image a BIOS starts." };
}

/** Why a file is not of the form it is said to have. */
function mismatch({ recognised, programs }: Survey, form: ImageManifest["form"]): Refusal | undefined {
  const pe = programs[0]?.pe;
  if (form === "uki" && !(recognised.form === "efi" && pe && isUki(pe))) {
    const what =
      recognised.form === "efi" ? "has no section .linux, so it carries no kernel" : `is ${recognised.words}, no unified kernel image`;
    return { what: `${what}: it is said to have form uki`, remedy: "Any other EFI program has form efi." };
  }
  const fitting: Partial<Record<typeof form, readonly string[]>> = { iso: ["iso"], kernel: ["kernel", "efi"], efi: ["efi", "kernel"] };
  if (fitting[form]?.includes(recognised.form) ?? true) return undefined;
  return { what: `is ${recognised.words}, and is said to have form ${form}`, remedy: `Say what it is: form ${recognised.form}.` };
}

function refuseProgram(program: EfiProgram | undefined, arch: Architecture, damage: string): Refusal | undefined {
  const wanted = architectureFacts[arch].peMachine;
  const where = program?.partition === undefined ? "it" : program.path.slice(1);
  if (!program?.pe) {
    const what =
      program?.partition === undefined
        ? `is no bootable image${damage}`
        : `is no bootable image: ${where} ${program.problem ?? "cannot be read"}`;
    return { what, remedy: expected };
  }
  const { machine, subsystem } = program.pe;
  if (!isEfi(program.pe)) {
    return {
      what: `is no bootable image: ${where} is a program for PE subsystem ${subsystem}, EFI programs have 10 to 13`,
      remedy: expected,
    };
  }
  if (machine === wanted) {
    const name = architectureFacts[arch].removable;
    return program.partition === undefined
      ? undefined
      : { what: `has ${where} but no EFI/BOOT/${name}`, remedy: `Firmware of ${arch} looks for EFI/BOOT/${name}.` };
  }
  return {
    what: `is ${article(peMachineName(machine))} image (${where} has PE machine 0x${machine.toString(16)}), target ${arch} needs 0x${wanted.toString(16)}`,
    remedy: `Give an image built for ${arch}, or a target of the image's architecture.`,
  };
}

function notFor(arch: Architecture): Refusal {
  return {
    what: `is a kernel for PCs, target ${arch} needs one for ${arch}`,
    remedy: `Give an image built for ${arch}, or a target of the image's architecture.`,
  };
}

/** EFI application, boot or runtime driver, ROM (PE Format, "Windows Subsystem"). */
function isEfi({ subsystem }: PeFile): boolean {
  return subsystem >= 10 && subsystem <= 13;
}

function article(name: string): string {
  return `${/^[aeiox]/i.test(name) ? "an" : "a"} ${name}`;
}

function without({ disk, programs }: Survey): string {
  const fat = disk?.partitions.filter((partition) => partition.fat) ?? [];
  if (fat.length === 0) {
    const table = disk?.table === "mbr" ? "a disk for BIOS (MBR)" : "a disk";
    const count = disk?.partitions.length ?? 0;
    return `${table} with ${count} ${count === 1 ? "partition" : "partitions"} and no file system UEFI reads`;
  }
  const others = programs.map(({ path }) => path).join(", ");
  return `its FAT partition has no EFI program in EFI/BOOT${others ? `, only ${others}` : ""}`;
}
