import type { Architecture } from "../model/target.ts";
import { peMachineName } from "./pe.ts";
import { FormatError, withFile } from "./source.ts";
import { inRemovablePath, survey, type EfiProgram, type Survey } from "./survey.ts";
import { describeUki, isUki, type UkiDescription } from "./uki.ts";

export { assertBootable } from "./bootable.ts";

export interface InspectedPartition {
  /** 0 for a file system without a partition table. */
  readonly number: number;
  /** `EFI system`, `root (x86_64)`, …, or a GUID or hex number. */
  readonly type: string;
  readonly name: string;
  /** Bytes. */
  readonly offset: number;
  readonly size: number;
  /** `FAT32`, …; undefined for every file system but FAT. */
  readonly fileSystem: string | undefined;
}

export interface InspectedProgram {
  readonly partition: number | undefined;
  readonly path: string;
  /** Architecture in words; undefined for a file that is no EFI program. */
  readonly machine: string | undefined;
  readonly signed: boolean;
  readonly problem: string | undefined;
}

export interface InspectedUki extends UkiDescription {
  readonly partition: number | undefined;
  readonly path: string;
}

/** Everything osbench can tell about an image file without starting it. Sizes are in bytes. */
export interface ImageInspection {
  readonly file: string;
  readonly form: "disk" | "iso" | "uki" | "efi" | "other";
  /** `raw`, `qcow2`, `vmdk`, `vpc`, `vhdx`, `iso`, `pe`, `gzip`, …, `unknown`. */
  readonly format: string;
  /** The same for people: `a qcow2 disk`. */
  readonly words: string;
  /** Of the file. */
  readonly size: number;
  /** Of the disk a guest sees; undefined where it cannot be told. */
  readonly diskSize: number | undefined;
  readonly table: "gpt" | "mbr" | "none" | undefined;
  readonly sectorSize: number | undefined;
  readonly partitions: readonly InspectedPartition[];
  /** Files of the FAT partitions. */
  readonly files: readonly { readonly partition: number; readonly path: string; readonly size: number }[];
  /** Architectures firmware can start it on, from the PE headers of its programs in EFI/BOOT, or of the file itself. */
  readonly architectures: readonly Architecture[];
  readonly programs: readonly InspectedProgram[];
  readonly ukis: readonly InspectedUki[];
  /** What is damaged, doubtful or could not be looked into. */
  readonly problems: readonly string[];
}

/** Inspects an image file. Throws InputError if it cannot be read at all; whatever is wrong inside is listed in `problems`. */
export function inspectImage(file: string): Promise<ImageInspection> {
  return withFile(file, (source) => {
    const found = survey(source);
    const problems = [...found.problems];
    const ukis = found.programs.flatMap((program) => attempt(problems, () => inspectUki(program)) ?? []);
    const { recognised, disk, programs } = found;
    return {
      file,
      form: recognised.form === "efi" && ukis.length > 0 ? "uki" : recognised.form,
      format: recognised.format,
      words: recognised.form === "efi" && ukis.length > 0 ? "a unified kernel image" : recognised.words,
      size: source.size,
      diskSize: found.diskSize,
      table: disk?.table,
      sectorSize: disk?.sectorSize,
      partitions: partitionsOf(found),
      files: attempt(problems, () => filesOf(found)) ?? [],
      architectures: architecturesOf(programs),
      programs: programs.map(({ partition, path, pe, problem }) => ({
        partition,
        path,
        machine: pe && peMachineName(pe.machine),
        signed: pe?.certificates !== undefined,
        problem,
      })),
      ukis,
      problems,
    };
  });
}

function inspectUki({ partition, path, pe }: EfiProgram): InspectedUki[] {
  return pe && isUki(pe) ? [{ partition, path, ...describeUki(pe) }] : [];
}

function partitionsOf({ disk }: Survey): InspectedPartition[] {
  const partitions = disk?.partitions.map(({ number, type, name, offset, size, fat }) => ({
    number,
    type,
    name,
    offset,
    size,
    fileSystem: fat?.type,
  }));
  return (partitions ?? []).toSorted((a, b) => a.number - b.number);
}

function filesOf({ disk }: Survey): ImageInspection["files"] {
  return (disk?.partitions ?? []).flatMap(({ number, fat }) =>
    [...(fat?.walk() ?? [])].map(({ path, size }) => ({ partition: number, path, size })),
  );
}

function architecturesOf(programs: readonly EfiProgram[]): Architecture[] {
  const startable = programs.filter((program) => program.partition === undefined || inRemovablePath(program));
  return [...new Set(startable.flatMap(({ pe }) => pe?.architecture ?? []))].toSorted();
}

function attempt<T>(problems: string[], read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    problems.push(error.what);
    return undefined;
  }
}
