import type { BootMedia } from "../model/media.ts";
import type { TargetManifest } from "../model/target.ts";
import { readGpt } from "./gpt.ts";
import { withFile, type ByteSource } from "./source.ts";

/** Where a BIOS finds its program in the first sector: before the disk's signature and the partition table. */
const bootCode = 440;

/**
 * Why a machine of this target can never start from these, as the first disk shows: a partition table for sectors of another size, or no program for
 * a BIOS. undefined if nothing speaks against it; only raw disks that are started from are looked into.
 */
export async function misfitOfDisk(
  { disks, discs, kernel, network }: BootMedia,
  { disk: { "sector-size": sectorSize }, firmware }: TargetManifest,
): Promise<string | undefined> {
  const [disk] = disks;
  if (kernel || network || discs.length > 0 || disk?.format !== "raw") return undefined;
  return await withFile(
    disk.file,
    (source) => wrongSectors(source, sectorSize) ?? (firmware.type === "bios" ? noProgram(source) : undefined),
  );
}

function wrongSectors(source: ByteSource, sectorSize: number): string | undefined {
  const made = readGpt(source)?.sectorSize;
  if (made === undefined || made === sectorSize) return undefined;
  return `sector-size: the image's partition table is for sectors of ${made} bytes, the target's disks have ${sectorSize}`;
}

function noProgram(source: ByteSource): string | undefined {
  if (source.size >= 512 && source.read(0, bootCode).some((byte) => byte !== 0)) return undefined;
  return "bios: the first sector of the image's disk holds no program for a BIOS to start";
}
