import { architectureFacts } from "../model/architecture.ts";
import type { BootMedia } from "../model/media.ts";
import { impossible, type TargetManifest } from "../model/target.ts";
import { readGpt } from "./gpt.ts";
import { withFile, type ByteSource } from "./source.ts";
import { inRemovablePath, survey } from "./survey.ts";

/** Where a BIOS finds its program in the first sector: before the disk's signature and the partition table. */
const bootCode = 440;

/**
 * Why a machine of this target can never start from these, as the first disk shows: a partition table for sectors of another size, no program for a
 * BIOS, or one nobody has signed where firmware trusts only keys it came with. A wrong signature is for the firmware to refuse. undefined if nothing
 * speaks against it; only raw disks that are started from are looked into.
 */
export async function misfitOfDisk(
  { disks, discs, kernel, network }: BootMedia,
  target: TargetManifest,
  certificates: readonly string[],
): Promise<string | undefined> {
  const [disk] = disks;
  if (kernel || network || discs.length > 0 || disk?.format !== "raw") return undefined;
  return await withFile(
    disk.file,
    (source) =>
      wrongSectors(source, target.disk["sector-size"]) ??
      (target.firmware.type === "bios" ? noProgram(source) : undefined) ??
      (certificates.length === 0 ? unsigned(source, target) : undefined),
  );
}

function unsigned(source: ByteSource, target: TargetManifest): string | undefined {
  if (impossible(target, "secure-boot") !== undefined || !target.firmware.features.includes("enrolled-keys")) return undefined;
  const name = architectureFacts[target.arch].removable;
  const loader = survey(source).programs.find((program) => inRemovablePath(program) && program.path.toUpperCase().endsWith(`/${name}`));
  if (!loader?.pe || loader.pe.certificates !== undefined) return undefined;
  return `secure-boot: ${loader.path.slice(1)} of the image is signed by nobody, and its image.yaml names no certificates to trust`;
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
