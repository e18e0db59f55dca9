import { inflateRawSync } from "node:zlib";
import { FormatError, slice, type ByteSource } from "./source.ts";

/**
 * The disk a guest sees in a file of some format, without converting it: `raw`, `qcow2` (without backing file, encryption or zstd) and `vpc`.
 * undefined for a format this harness cannot look into. Throws FormatError for a file that breaks its own format.
 */
export function openVirtualDisk(source: ByteSource, format: string): ByteSource | undefined {
  return format === "raw" ? source : readers[format]?.(source);
}

const readers: Readonly<Record<string, (source: ByteSource) => ByteSource | undefined>> = { qcow2: openQcow2, vpc: openVhd };

/** A disk made of blocks of one size that lie anywhere in the file, or nowhere (zeros). */
function blockDisk(source: ByteSource, size: number, blockSize: number, block: (index: number) => Buffer | undefined): ByteSource {
  let last: { index: number; bytes: Buffer | undefined } | undefined;
  return {
    name: source.name,
    size,
    read(offset, length) {
      if (offset < 0 || offset + length > size)
        throw new FormatError(source, `bytes ${offset} to ${offset + length} of the disk are needed, it has ${size}`);
      const result = Buffer.alloc(length);
      for (let done = 0; done < length;) {
        const at = offset + done;
        const index = Math.floor(at / blockSize);
        if (last?.index !== index) last = { index, bytes: block(index) };
        const within = at - index * blockSize;
        const count = Math.min(blockSize - within, length - done);
        last.bytes?.copy(result, done, within, within + count);
        done += count;
      }
      return result;
    },
  };
}

const offsetMask = 0x00ff_ffff_ffff_fe00n;
const compressedFlag = 1n << 62n;

/** QEMU's docs/interop/qcow2.rst, versions 2 and 3. */
function openQcow2(source: ByteSource): ByteSource | undefined {
  const header = source.read(0, 104);
  const version = header.readUInt32BE(4);
  const clusterBits = header.readUInt32BE(20);
  const encrypted = header.readUInt32BE(32) !== 0;
  const incompatible = version >= 3 ? header.readBigUInt64BE(72) : 0n;
  const zstdOrExternalData = (incompatible & ~0b11n) !== 0n;
  if (version < 2 || version > 3 || clusterBits < 9 || clusterBits > 21)
    throw new FormatError(source, `is qcow2 version ${version} with 2^${clusterBits}-byte clusters`);
  if (header.readBigUInt64BE(8) !== 0n || encrypted || zstdOrExternalData) return undefined;
  const clusterSize = 2 ** clusterBits;
  const size = Number(header.readBigUInt64BE(24));
  const l1 = source.read(Number(header.readBigUInt64BE(40)), header.readUInt32BE(36) * 8);
  const perTable = clusterSize / 8;
  return blockDisk(source, size, clusterSize, (index) => {
    const tableAt = Math.floor(index / perTable) * 8 < l1.length ? l1.readBigUInt64BE(Math.floor(index / perTable) * 8) & offsetMask : 0n;
    if (tableAt === 0n) return undefined;
    const entry = source.read(Number(tableAt) + (index % perTable) * 8, 8).readBigUInt64BE();
    if (entry & compressedFlag) return inflateCluster(source, entry, clusterBits);
    const zero = version >= 3 && (entry & 1n) === 1n;
    const at = Number(entry & offsetMask);
    // The last cluster of a file may be cut short; what is missing is zeros.
    return at === 0 || zero ? undefined : source.read(at, Math.min(clusterSize, source.size - at));
  });
}

function inflateCluster(source: ByteSource, entry: bigint, clusterBits: number): Buffer {
  const offsetBits = BigInt(62 - (clusterBits - 8));
  const at = Number(entry & ((1n << offsetBits) - 1n));
  const sectors = Number((entry & (compressedFlag - 1n)) >> offsetBits) + 1;
  const end = Math.min(source.size, Math.floor(at / 512) * 512 + sectors * 512);
  try {
    return inflateRawSync(source.read(at, end - at), { finishFlush: 2 });
  } catch (error) {
    if (error instanceof FormatError) throw error;
    throw new FormatError(source, `its compressed cluster at byte ${at} is damaged`);
  }
}

/** Microsoft's Virtual Hard Disk Image Format Specification; fixed and dynamic, no differencing disks. */
function openVhd(source: ByteSource): ByteSource | undefined {
  const footer = source.read(source.size - 512, 512);
  if (footer.toString("latin1", 0, 8) !== "conectix") throw new FormatError(source, "has no VHD footer: is it cut short?");
  const size = Number(footer.readBigUInt64BE(48));
  const type = footer.readUInt32BE(60);
  if (type === 2) return slice(source, source.name, 0, Math.min(size, source.size - 512));
  if (type !== 3) return undefined;
  const header = source.read(Number(footer.readBigUInt64BE(16)), 1024);
  if (header.toString("latin1", 0, 8) !== "cxsparse") throw new FormatError(source, "has no dynamic VHD header where its footer says");
  const tableAt = Number(header.readBigUInt64BE(16));
  const blockSize = header.readUInt32BE(32);
  if (blockSize < 512 || blockSize % 512 !== 0) throw new FormatError(source, `has VHD blocks of ${blockSize} bytes`);
  const bitmapSize = Math.ceil(blockSize / 512 / 8 / 512) * 512;
  return blockDisk(source, size, blockSize, (index) => {
    const sector = source.read(tableAt + index * 4, 4).readUInt32BE();
    const at = sector * 512 + bitmapSize;
    return sector === 0xffffffff ? undefined : source.read(at, Math.min(blockSize, source.size - at));
  });
}
