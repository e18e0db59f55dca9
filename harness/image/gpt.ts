import { crc32 } from "node:zlib";
import { FormatError, type ByteSource } from "./source.ts";

export interface GptPartition {
  /** Slot in the table, from 1, as kernels number partitions. */
  readonly number: number;
  readonly type: string;
  readonly guid: string;
  readonly name: string;
  /** Bytes from the start of the disk. */
  readonly offset: number;
  /** Bytes. */
  readonly size: number;
}

export interface Gpt {
  readonly sectorSize: number;
  readonly guid: string;
  readonly partitions: readonly GptPartition[];
  /** What is wrong but did not stop reading: a damaged copy, a partition past the end of the file. */
  readonly problems: readonly string[];
}

const sectorSizes = [512, 4096];
const signature = "EFI PART";

/**
 * Reads a GUID partition table for sectors of 512 or 4096 bytes and checks its checksums; where the first copy is damaged, the copy at the end of the disk is
 * used and a problem noted (UEFI 2.10, section 5.3). undefined if there is no such table; FormatError if there is one and no copy of it is sound.
 */
export function readGpt(source: ByteSource): Gpt | undefined {
  const damages: string[] = [];
  for (const copy of ["primary", "backup"] as const) {
    for (const sectorSize of sectorSizes) {
      const lba = copy === "primary" ? 1 : Math.floor(source.size / sectorSize) - 1;
      if (lba < 1 || (lba + 1) * sectorSize > source.size) continue;
      const sector = source.read(lba * sectorSize, sectorSize);
      if (sector.toString("latin1", 0, 8) !== signature) continue;
      const read = readCopy(source, sector, lba, sectorSize);
      if (typeof read === "string") {
        damages.push(`the ${copy} partition table is damaged: ${read}`);
        continue;
      }
      const lost = copy === "backup" && damages.length === 0 ? ["the primary partition table is missing"] : damages;
      return { ...read, problems: [...lost, ...pastTheEnd(source, read.partitions)] };
    }
  }
  if (damages.length > 0) throw new FormatError(source, damages.join("; "));
  return undefined;
}

function pastTheEnd(source: ByteSource, partitions: readonly GptPartition[]): string[] {
  return partitions
    .filter(({ offset, size }) => offset + size > source.size)
    .map(({ number, offset, size }) => `partition ${number} ends at byte ${offset + size}, the file at ${source.size}: is it cut short?`);
}

function readCopy(source: ByteSource, header: Buffer, lba: number, sectorSize: number): Omit<Gpt, "problems"> | string {
  const headerSize = header.readUInt32LE(12);
  if (headerSize < 92 || headerSize > sectorSize) return `its header has ${headerSize} bytes`;
  const zeroed = Buffer.from(header.subarray(0, headerSize));
  zeroed.writeUInt32LE(0, 16);
  if (crc32(zeroed) !== header.readUInt32LE(16)) return "its header does not match its checksum";
  if (header.readBigUInt64LE(24) !== BigInt(lba)) return `its header belongs to sector ${header.readBigUInt64LE(24)}, it stands in ${lba}`;
  const entriesAt = Number(header.readBigUInt64LE(72)) * sectorSize;
  const count = header.readUInt32LE(80);
  const entrySize = header.readUInt32LE(84);
  if (entrySize < 128 || entrySize > 4096 || count > 4096) return `it has ${count} entries of ${entrySize} bytes`;
  if (entriesAt + count * entrySize > source.size) return "its entries lie past the end of the file";
  const entries = source.read(entriesAt, count * entrySize);
  if (crc32(entries) !== header.readUInt32LE(88)) return "its entries do not match their checksum";
  const partitions: GptPartition[] = [];
  for (let i = 0; i < count; i++) {
    const entry = entries.subarray(i * entrySize, (i + 1) * entrySize);
    const type = guid(entry, 0);
    if (type === unused) continue;
    const first = Number(entry.readBigUInt64LE(32));
    const last = Number(entry.readBigUInt64LE(40));
    if (last < first) return `partition ${i + 1} ends before it starts`;
    const name = entry.toString("utf16le", 56, 128).replace(/\0.*$/s, "");
    partitions.push({
      number: i + 1,
      type,
      guid: guid(entry, 16),
      name,
      offset: first * sectorSize,
      size: (last - first + 1) * sectorSize,
    });
  }
  return { sectorSize, guid: guid(header, 56), partitions };
}

const unused = "00000000-0000-0000-0000-000000000000";

/** EFI system partition (UEFI 2.10, table 5.7). */
export const espType = "c12a7328-f81f-11d2-ba4b-00a0c93ec93b";

/** Partition types people meet in OS images (UAPI.2 Discoverable Partitions; UEFI). */
const typeNames: ReadonlyMap<string, string> = new Map([
  [espType, "EFI system"],
  ["21686148-6449-6e6f-744e-656564454649", "BIOS boot"],
  ["bc13c2ff-59e6-4262-a352-b275fd6f7172", "extended boot loader"],
  ["0fc63daf-8483-4772-8e79-3d69d8477de4", "Linux data"],
  ["0657fd6d-a4ab-43c4-84e5-0933c84b4f4f", "Linux swap"],
  ["4f68bce3-e8cd-4db1-96e7-fbcaf984b709", "root (x86_64)"],
  ["b921b045-1df0-41c3-af44-4c6f280d3fae", "root (aarch64)"],
  ["72ec70a6-cf74-40e6-bd49-4bda08e8f224", "root (riscv64)"],
  ["2c7357ed-ebd2-46d9-aec1-23d437ec2bf5", "root verity (x86_64)"],
  ["df3300ce-d69f-4c92-978c-9bfb0f38d820", "root verity (aarch64)"],
  ["b6ed5582-440b-4209-b8da-5ff7c419ea3d", "root verity (riscv64)"],
  ["8484680c-9521-48c6-9c11-b0720656f69e", "usr (x86_64)"],
  ["b0e01050-ee5f-4390-949a-9101b17104e9", "usr (aarch64)"],
  ["beaec34b-8442-439b-a40b-984381ed097d", "usr (riscv64)"],
  ["4d21b016-b534-45c2-a9fb-5c16e091fd2d", "var"],
  ["933ac7e1-2eb4-4f13-b844-0e14e2aef915", "home"],
]);

/** A partition type in words, or its GUID. */
export function partitionTypeName(type: string): string {
  return typeNames.get(type) ?? type;
}

/** The type whose name in words this is. */
export function partitionType(words: string): string | undefined {
  return [...typeNames].find(([, name]) => name === words)?.[0];
}

/** An EFI_GUID in its usual spelling; the first three fields are little-endian. */
function guid(bytes: Buffer, at: number): string {
  const number = (offset: number, length: number): string =>
    bytes
      .readUIntLE(at + offset, length)
      .toString(16)
      .padStart(length * 2, "0");
  return [number(0, 4), number(4, 2), number(6, 2), bytes.toString("hex", at + 8, at + 10), bytes.toString("hex", at + 10, at + 16)].join(
    "-",
  );
}
