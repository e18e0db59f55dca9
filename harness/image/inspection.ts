import type { Architecture } from "../model/target.ts";
import { loaderOf } from "./loader.ts";
import { peMachineName } from "./pe.ts";
import { readSignatures, type PeSignature } from "./signature.ts";
import { noting } from "./source.ts";
import type { EfiProgram } from "./survey.ts";
import type { UkiDescription } from "./uki.ts";

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
  /** `systemd-boot 257.13`, `shim 16.1`, …, as far as it says what it is. */
  readonly loader: string | undefined;
  readonly signed: boolean;
  readonly signatures: readonly PeSignature[];
  readonly problem: string | undefined;
}

/** Whether osbench can start it on an architecture, and how, or why not. */
export interface Startable {
  readonly architecture: Architecture;
  readonly starts: boolean;
  /** The command, or what is in the way. */
  readonly words: string;
}

export interface InspectedUki extends UkiDescription {
  readonly partition: number | undefined;
  readonly path: string;
}

/** Everything osbench can tell about an image file without starting it. Sizes are in bytes. */
export interface ImageInspection {
  readonly file: string;
  readonly form: "disk" | "iso" | "uki" | "efi" | "kernel" | "netboot" | "oci" | "rootfs" | "other";
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
  /** What a BIOS would start: an ISO's boot image, or the code in a disk's first sector. */
  readonly bios: string | undefined;
  /** What it is started with: one entry an architecture osbench has. */
  readonly startable: readonly Startable[];
  readonly ukis: readonly InspectedUki[];
  /** What is damaged, doubtful or could not be looked into. */
  readonly problems: readonly string[];
}

/** What is said of one EFI program; what cannot be read of it goes to the problems. */
export function inspectProgram({ partition, path, pe, source, problem }: EfiProgram, problems: string[]): InspectedProgram {
  return {
    ...{ partition, path },
    machine: pe && peMachineName(pe.machine),
    loader: pe && noting(problems, () => loaderOf(pe)),
    signed: pe?.certificates !== undefined,
    signatures: (pe && source && noting(problems, () => readSignatures(source, pe))) ?? [],
    problem,
  };
}
