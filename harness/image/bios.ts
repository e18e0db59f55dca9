import { bootCatalog } from "./iso.ts";
import type { ByteSource } from "./source.ts";

/** What loaders leave in the boot sector they wrote. */
const marks: readonly (readonly [string, string])[] = [
  ["GRUB", "GRUB"],
  ["isolinux", "ISOLINUX"],
  ["SYSLINUX", "SYSLINUX"],
  ["LILO", "LILO"],
];

/** What a BIOS would start from it, in words; undefined for nothing. Sources: El Torito 1.0, section 2; IBM PC, boot sector at 0x7c00 ending in 0x55aa. */
export function biosStart(source: ByteSource, form: string): string | undefined {
  if (form === "iso") {
    const entry = bootCatalog(source)?.subarray(32, 64);
    const platform = bootCatalog(source)?.[1];
    if (entry?.[0] !== 0x88 || platform !== 0) return undefined;
    const at = entry.readUInt32LE(8) * 2048;
    const code = at < source.size ? source.read(at, Math.min(16_384, source.size - at)).toString("latin1") : "";
    return loaderIn(code) ?? "a boot image of its own";
  }
  if (form !== "disk" || source.size < 512) return undefined;
  const sector = source.read(0, 512);
  const code = sector.subarray(0, 440);
  if (sector.readUInt16LE(510) !== 0xaa55 || code.every((byte) => byte === 0)) return undefined;
  return loaderIn(code.toString("latin1")) ?? "boot code of its own";
}

function loaderIn(code: string): string | undefined {
  return marks.find(([mark]) => code.includes(mark))?.[1];
}
