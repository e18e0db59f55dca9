import { architectureFacts } from "../model/architecture.ts";
import { InputError } from "../model/errors.ts";
import type { Architecture } from "../model/target.ts";
import { peMachineName, type PeFile } from "./pe.ts";
import { withFile } from "./source.ts";
import { inRemovablePath, survey, type EfiProgram, type Survey } from "./survey.ts";

interface Refusal {
  readonly what: string;
  readonly remedy: string;
}

/**
 * Refuses, before any machine starts, a file that firmware of that architecture could not start: missing, empty, no image, packed, of another architecture,
 * or without a program where firmware looks. Reads a few sectors, whatever the file's size. Formats that cannot be looked into (vmdk, vhdx, qcow2 with a
 * backing file) pass on their magic alone. Throws InputError at `flag` with what was found and what would be right.
 */
export async function assertBootable(file: string, arch: Architecture, flag: string): Promise<void> {
  await withFile(
    file,
    (source) => {
      const refusal = refuse(survey(source), arch);
      if (refusal)
        throw new InputError([{ at: { flag }, what: `${file} ${refusal.what}`, remedy: refusal.remedy }], "OSB_IMAGE_NOT_BOOTABLE");
    },
    flag,
  );
}

const expected = "Give a disk image (raw, qcow2, vmdk, vhd, vhdx), an ISO or a unified kernel image.";

function refuse(found: Survey, arch: Architecture): Refusal | undefined {
  const { recognised, disk, programs } = found;
  const damage = found.problems.length > 0 ? ` (${found.problems.join("; ")})` : "";
  if (recognised.form === "other") {
    const remedy = recognised.remedy ?? expected;
    if (recognised.format === "unknown")
      return { what: "is no bootable image: no partition table, no file system UEFI reads, no EFI program", remedy };
    return { what: `is no bootable image, it is ${recognised.words}`, remedy };
  }
  if (recognised.form === "efi") return refuseProgram(programs[0], arch, damage);
  if (found.opaque) return undefined;
  if (!disk && damage) return { what: `is damaged: ${found.problems.join("; ")}`, remedy: "Build or download it again." };
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
