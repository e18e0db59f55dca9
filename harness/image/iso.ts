import { slice, type ByteSource } from "./source.ts";

const sectorSize = 2048;
const efiPlatform = 0xef;

/**
 * The FAT image an ISO offers to UEFI through its El Torito boot catalog (El Torito 1.0; UEFI 2.10, section 13.3.2.1), or undefined if it offers none.
 * The catalog's length field is too short for most such images, so the source reaches to the end of the ISO; FAT knows its own size.
 */
export function elToritoEfiImage(source: ByteSource): ByteSource | undefined {
  const catalog = bootCatalog(source);
  if (!catalog) return undefined;
  let platform = catalog[1] ?? 0;
  for (let at = 32; at + 32 <= catalog.length; at += 32) {
    const kind = catalog[at];
    if (kind === 0x90 || kind === 0x91) {
      platform = catalog[at + 1] ?? 0;
    } else if (kind === 0x88 && platform === efiPlatform) {
      const offset = catalog.readUInt32LE(at + 8) * sectorSize;
      return offset < source.size ? slice(source, `${source.name}, El Torito image`, offset, source.size - offset) : undefined;
    } else if (kind === 0) {
      return undefined;
    }
  }
  return undefined;
}

/** The boot catalog's first sector, or undefined if the ISO has none. */
export function bootCatalog(source: ByteSource): Buffer | undefined {
  for (let sector = 16; (sector + 1) * sectorSize <= source.size; sector++) {
    const descriptor = source.read(sector * sectorSize, sectorSize);
    if (descriptor.toString("latin1", 1, 6) !== "CD001" || descriptor[0] === 255) return undefined;
    if (descriptor[0] !== 0 || !descriptor.toString("latin1", 7, 39).startsWith("EL TORITO SPECIFICATION")) continue;
    const at = descriptor.readUInt32LE(71) * sectorSize;
    return at + sectorSize <= source.size ? source.read(at, sectorSize) : undefined;
  }
  return undefined;
}
