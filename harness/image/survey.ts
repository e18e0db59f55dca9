import { readDisk, type Disk } from "./disk.ts";
import { recognise, type Recognised } from "./form.ts";
import { readPe, type PeFile } from "./pe.ts";
import { FormatError, noting, type ByteSource } from "./source.ts";
import { biosStart } from "./bios.ts";
import { neededFile } from "./needed-file.ts";
import { openVirtualDisk } from "./virtualdisk.ts";

/** An EFI program in a place firmware or a boot loader looks for one. */
export interface EfiProgram {
  /** Partition number; undefined for a file that is itself the program. */
  readonly partition: number | undefined;
  readonly path: string;
  /** Headers; undefined for a file that is no EFI program, `problem` then says why. */
  readonly pe: PeFile | undefined;
  /** Its bytes, where `pe` is there. */
  readonly source: ByteSource | undefined;
  readonly problem: string | undefined;
}

/** What can be told about an image by reading a few of its sectors. */
export interface Survey {
  readonly recognised: Recognised;
  /** Bytes a guest sees; differs from the file's size for qcow2 and the like. undefined where the format cannot be looked into. */
  readonly diskSize: number | undefined;
  /** The format is one QEMU opens and this harness does not look into. */
  readonly opaque: boolean;
  /** The other file this one is nothing without, in words. */
  readonly needs?: string | undefined;
  /** What a BIOS would start. */
  readonly bios?: string | undefined;
  readonly disk: Disk | undefined;
  /** \EFI\BOOT\*.EFI and \EFI\Linux\*.efi of every FAT partition, or the file itself. */
  readonly programs: readonly EfiProgram[];
  readonly problems: readonly string[];
}

const programFolders = ["/EFI/BOOT", "/EFI/Linux", "/EFI/systemd"];

/** Looks at an image without reading more than its tables, directories and program headers. Damage is reported in `problems`, not thrown. */
export function survey(source: ByteSource): Survey {
  const problems: string[] = [];
  const attempt = <T>(read: () => T): T | undefined => noting(problems, read);
  let rawDisk: Disk | undefined;
  const recognised = recognise(source, () => {
    rawDisk = attempt(() => readDisk(source));
    return rawDisk !== undefined || problems.length > 0;
  });
  if (recognised.form === "kernel") {
    // A kernel for BIOS alone is no EFI program, and is handed over all the same.
    const pe = isPe(source) ? attempt(() => readPe(source)) : undefined;
    const program = { partition: undefined, path: source.name, pe, source, problem: problems[0] };
    return { recognised, diskSize: undefined, opaque: false, disk: undefined, programs: pe ? [program] : [], problems };
  }
  if (recognised.form === "efi") {
    const pe = attempt(() => readPe(source));
    const program = { partition: undefined, path: source.name, pe, source, problem: problems[0] };
    return { recognised, diskSize: undefined, opaque: false, disk: undefined, programs: [program], problems };
  }
  const isDisk = recognised.form === "disk" || recognised.form === "iso";
  const inside = isDisk ? attempt(() => openVirtualDisk(source, recognised.format === "iso" ? "raw" : recognised.format)) : undefined;
  const needs = isDisk ? attempt(() => neededFile(source, recognised.format)) : undefined;
  const bios = attempt(() => biosStart(inside ?? source, recognised.form));
  const opaque = isDisk && !inside && problems.length === 0;
  const disk = rawDisk ?? (inside && problems.length === 0 ? attempt(() => readDisk(inside)) : undefined);
  if (needs !== undefined) problems.push(needs);
  else if (opaque) problems.push(`${recognised.words} of this kind is not looked into; to see more: qemu-img convert -O raw`);
  const programs = disk ? (attempt(() => findPrograms(disk)) ?? []) : [];
  const beside = { recognised, diskSize: inside?.size, opaque, needs, bios };
  return { ...beside, disk, programs, problems: [...problems, ...(disk?.problems ?? [])] };
}

function isPe(source: ByteSource): boolean {
  return source.size > 64 && source.read(0, 2).toString("latin1") === "MZ";
}

function findPrograms(disk: Disk): EfiProgram[] {
  return disk.partitions.flatMap(({ number, fat }) =>
    programFolders.flatMap((folder) =>
      (fat?.list(folder) ?? [])
        .filter(({ name, directory }) => !directory && /\.efi$/i.test(name))
        .map(({ path }): EfiProgram => {
          try {
            const file = fat?.open(path);
            return { partition: number, path, pe: file && readPe(file), source: file, problem: undefined };
          } catch (error) {
            if (!(error instanceof FormatError)) throw error;
            return { partition: number, path, pe: undefined, source: undefined, problem: error.what };
          }
        }),
    ),
  );
}

/** \EFI\BOOT\BOOTX64.EFI and its like: what firmware starts from a disk it has no boot entry for. */
export function inRemovablePath(program: EfiProgram): boolean {
  return /^\/EFI\/BOOT\/BOOT[^/]*\.EFI$/i.test(program.path);
}
