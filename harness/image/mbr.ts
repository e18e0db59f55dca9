import type { ByteSource } from "./source.ts";

export interface MbrPartition {
  /** Slot in the table, from 1. */
  readonly number: number;
  /** System id byte: 0x83 Linux, 0xef EFI system, 0xee protective. */
  readonly type: number;
  readonly bootable: boolean;
  /** Bytes from the start of the disk. */
  readonly offset: number;
  readonly size: number;
}

const protective = 0xee;

/**
 * The primary partitions of a classic partition table (UEFI 2.10, section 5.2.1; sectors of 512 bytes), or undefined if the first sector holds none:
 * no signature, or entries no partitioner writes, as in the boot sector of a file system.
 */
export function readMbr(source: ByteSource): readonly MbrPartition[] | undefined {
  if (source.size < 512) return undefined;
  const sector = source.read(0, 512);
  if (sector.readUInt16LE(510) !== 0xaa55) return undefined;
  const partitions: MbrPartition[] = [];
  for (let i = 0; i < 4; i++) {
    const at = 446 + i * 16;
    const flag = sector[at] ?? 0;
    const type = sector[at + 4] ?? 0;
    if (flag !== 0 && flag !== 0x80) return undefined;
    if (type === 0) continue;
    partitions.push({
      number: i + 1,
      type,
      bootable: flag === 0x80,
      offset: sector.readUInt32LE(at + 8) * 512,
      size: sector.readUInt32LE(at + 12) * 512,
    });
  }
  return partitions.some(({ type, size }) => type !== protective && size > 0)
    ? partitions.filter(({ type }) => type !== protective)
    : undefined;
}
