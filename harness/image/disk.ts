import { openFat, type FatVolume } from "./fat.ts";
import { espType, partitionTypeName, readGpt } from "./gpt.ts";
import { elToritoEfiImage } from "./iso.ts";
import { readMbr } from "./mbr.ts";
import { slice, type ByteSource } from "./source.ts";

/** A stretch of a disk that may hold a file system. */
export interface DiskPartition {
  /** Number in the partition table; 0 for a file system without one and for an ISO's boot image. */
  readonly number: number;
  /** In words, or a GUID or hex number. */
  readonly type: string;
  readonly name: string;
  readonly guid: string | undefined;
  /** Bytes. */
  readonly offset: number;
  readonly size: number;
  /** The FAT file system in it, if there is one: the only kind UEFI reads. */
  readonly fat: FatVolume | undefined;
}

/** What firmware finds on a disk. */
export interface Disk {
  readonly table: "gpt" | "mbr" | "none";
  /** Bytes; 512 unless the partition table says otherwise. */
  readonly sectorSize: number;
  /** EFI system partitions first, then in the table's order. */
  readonly partitions: readonly DiskPartition[];
  readonly problems: readonly string[];
}

/** Reads a disk's partition table and looks for FAT in each partition; undefined if there is nothing of the kind. Throws FormatError where all copies of the table are damaged. */
export function readDisk(source: ByteSource): Disk | undefined {
  const partition = (number: number, type: string, offset: number, size: number, name = "", guid?: string): DiskPartition => {
    const there = Math.max(0, Math.min(size, source.size - offset));
    const fat =
      there > 0 ? openFat(slice(source, number === 0 ? source.name : `${source.name}, partition ${number}`, offset, there)) : undefined;
    return { number, type, name, guid, offset, size, fat };
  };
  const fatProblems = (partitions: readonly DiskPartition[]): string[] =>
    partitions.flatMap(({ number, fat }) => (fat?.problem === undefined ? [] : [`partition ${number}: ${fat.problem}`]));

  const gpt = readGpt(source);
  if (gpt) {
    const ordered = [...gpt.partitions.filter(({ type }) => type === espType), ...gpt.partitions.filter(({ type }) => type !== espType)];
    const partitions = ordered.map(({ number, type, offset, size, name, guid }) =>
      partition(number, partitionTypeName(type), offset, size, name, guid),
    );
    return { table: "gpt", sectorSize: gpt.sectorSize, partitions, problems: [...gpt.problems, ...fatProblems(partitions)] };
  }
  const image = elToritoEfiImage(source);
  const bootImage = image && partition(0, "El Torito boot image", source.size - image.size, image.size);
  const mbr = readMbr(source);
  if (mbr) {
    const listed = mbr.map(({ number, type, offset, size }) => partition(number, mbrTypes[type] ?? `0x${type.toString(16)}`, offset, size));
    // An ISO may carry a table for BIOS only, and a boot image for UEFI beside it.
    const partitions = bootImage?.fat && !listed.some(({ fat }) => fat) ? [...listed, bootImage] : listed;
    return { table: "mbr", sectorSize: 512, partitions, problems: fatProblems(partitions) };
  }
  const whole = bootImage ?? partition(0, "file system without a partition table", 0, source.size);
  return whole.fat && { table: "none", sectorSize: whole.fat.sectorSize, partitions: [whole], problems: fatProblems([whole]) };
}

const mbrTypes: Readonly<Record<number, string>> = {
  0x0b: "FAT32",
  0x0c: "FAT32",
  0x0e: "FAT16",
  0x82: "Linux swap",
  0x83: "Linux data",
  0xef: "EFI system",
};
