import { FormatError, scattered, type ByteSource } from "./source.ts";
import { readDirectoryEntries, type FatEntry } from "./fat-directory.ts";

/** A file or directory of a FAT file system. */
export interface FatNode {
  readonly name: string;
  /** `/EFI/BOOT/BOOTX64.EFI` */
  readonly path: string;
  readonly directory: boolean;
  /** Bytes; 0 for a directory. */
  readonly size: number;
}

/** A FAT12, FAT16 or FAT32 file system, for reading. Paths are separated by `/` (or `\`) and their case does not matter. */
export interface FatVolume {
  readonly type: "FAT12" | "FAT16" | "FAT32";
  readonly label: string;
  readonly sectorSize: number;
  /** What may keep firmware from reading it, in words; undefined if nothing is known. */
  readonly problem: string | undefined;
  /** The nodes of a directory; an empty list if there is no such directory. */
  list(path: string): readonly FatNode[];
  /** A file as a source of bytes, of which only what is read is fetched; undefined if there is none. */
  open(path: string): ByteSource | undefined;
  /** Every file below a directory, depth first. */
  walk(path?: string): Generator<FatNode>;
}

interface Geometry {
  readonly type: FatVolume["type"];
  readonly sectorSize: number;
  readonly clusterSize: number;
  /** Bytes. */
  readonly fatAt: number;
  readonly fatSize: number;
  readonly rootAt: number;
  readonly rootSize: number;
  readonly rootCluster: number;
  readonly dataAt: number;
  readonly clusters: number;
  readonly label: string;
}

/**
 * Opens a FAT file system (Microsoft FAT specification of 2005). undefined if the bytes hold none; later reads throw FormatError where clusters run in a circle,
 * leave the volume or end before the file does.
 */
export function openFat(source: ByteSource): FatVolume | undefined {
  const geometry = readGeometry(source);
  return geometry && volumeOf(source, geometry);
}

function volumeOf(source: ByteSource, geometry: Geometry): FatVolume {
  const entryOf = fatReader(source, geometry);
  const entriesOf = (node: FatEntry | undefined): FatEntry[] => {
    const bytes = node === undefined ? readRoot() : readChain(node.cluster, node.name);
    return readDirectoryEntries(bytes);
  };

  function chain(first: number, what: string): { offset: number; length: number }[] {
    const extents: { offset: number; length: number }[] = [];
    let count = 0;
    for (let cluster = first; ; cluster = entryOf(cluster)) {
      if (cluster < 2 || cluster >= geometry.clusters + 2) {
        if (count > 0 && cluster >= endMark[geometry.type]) return extents;
        throw new FormatError(source, `the cluster chain of ${what} leaves the file system at ${cluster}`);
      }
      if (++count > geometry.clusters) throw new FormatError(source, `the cluster chain of ${what} runs in a circle`);
      const offset = geometry.dataAt + (cluster - 2) * geometry.clusterSize;
      const last = extents.at(-1);
      if (last && last.offset + last.length === offset) last.length += geometry.clusterSize;
      else extents.push({ offset, length: geometry.clusterSize });
    }
  }

  function readChain(first: number, what: string): Buffer {
    return Buffer.concat(chain(first, what).map(({ offset, length }) => source.read(offset, length)));
  }

  function readRoot(): Buffer {
    return geometry.type === "FAT32" ? readChain(geometry.rootCluster, "/") : source.read(geometry.rootAt, geometry.rootSize);
  }

  /** undefined: no such path; null: the root. */
  function find(path: string): FatEntry | null | undefined {
    let node: FatEntry | null = null;
    for (const part of path.split(/[/\\]/).filter(Boolean)) {
      if (node && !node.directory) return undefined;
      const next: FatEntry | undefined = entriesOf(node ?? undefined).find((entry) => entry.name.toLowerCase() === part.toLowerCase());
      if (!next) return undefined;
      node = next;
    }
    return node;
  }

  const volume: FatVolume = {
    type: geometry.type,
    label: geometry.label,
    sectorSize: geometry.sectorSize,
    // EDK2 tells the FAT types apart by the number of clusters and gives up on such a volume, after minutes of network boot attempts.
    problem:
      geometry.type === "FAT32" && geometry.clusters < 65525
        ? `it is FAT32 with ${geometry.clusters} clusters of ${geometry.clusterSize} bytes, firmware needs 65525: make it larger or its sectors smaller`
        : undefined,
    list(path) {
      const node = find(path);
      if (node === undefined || (node && !node.directory)) return [];
      const parent = `/${path.split(/[/\\]/).filter(Boolean).join("/")}`.replace(/\/$/, "");
      return entriesOf(node ?? undefined).map(({ name, directory, size }) => ({ name, directory, size, path: `${parent}/${name}` }));
    },
    open(path) {
      const node = find(path);
      if (!node || node.directory) return undefined;
      const extents = node.size === 0 ? [] : chain(node.cluster, path);
      const room = extents.reduce((sum, { length }) => sum + length, 0);
      if (room < node.size) throw new FormatError(source, `${path} has ${node.size} bytes, its clusters end after ${room}`);
      return scattered(source, `${source.name}, ${path}`, node.size, extents);
    },
    *walk(path = "/") {
      const pending = [path];
      const seen = new Set<string>();
      for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
        if (seen.has(folder) || folder.split("/").length > 32) throw new FormatError(source, `the directory ${folder} contains itself`);
        seen.add(folder);
        for (const node of volume.list(folder)) {
          if (node.directory) pending.push(node.path);
          else yield node;
        }
      }
    },
  };
  return volume;
}

const endMark = { FAT12: 0xff8, FAT16: 0xfff8, FAT32: 0xffffff8 } as const;

function readGeometry(source: ByteSource): Geometry | undefined {
  if (source.size < 512) return undefined;
  const boot = source.read(0, 512);
  const sectorSize = boot.readUInt16LE(11);
  const perCluster = boot[13] ?? 0;
  const reserved = boot.readUInt16LE(14);
  const fats = boot[16] ?? 0;
  if (boot.readUInt16LE(510) !== 0xaa55 || ![512, 1024, 2048, 4096].includes(sectorSize)) return undefined;
  if (perCluster === 0 || (perCluster & (perCluster - 1)) !== 0 || reserved === 0 || fats === 0 || fats > 4) return undefined;
  const rootEntries = boot.readUInt16LE(17);
  const total = boot.readUInt16LE(19) || boot.readUInt32LE(32);
  const fat16Sectors = boot.readUInt16LE(22);
  const fatSectors = fat16Sectors || boot.readUInt32LE(36);
  const rootSectors = Math.ceil((rootEntries * 32) / sectorSize);
  const dataSector = reserved + fats * fatSectors + rootSectors;
  if (fatSectors === 0 || total <= dataSector || dataSector * sectorSize > source.size) return undefined;
  const clusters = Math.floor((total - dataSector) / perCluster);
  const type = fat16Sectors === 0 ? "FAT32" : clusters < 4085 ? "FAT12" : "FAT16";
  return {
    type,
    sectorSize,
    clusterSize: perCluster * sectorSize,
    fatAt: reserved * sectorSize,
    fatSize: fatSectors * sectorSize,
    rootAt: (reserved + fats * fatSectors) * sectorSize,
    rootSize: rootSectors * sectorSize,
    rootCluster: type === "FAT32" ? boot.readUInt32LE(44) : 0,
    dataAt: dataSector * sectorSize,
    clusters,
    label: boot.toString("latin1", type === "FAT32" ? 71 : 43, type === "FAT32" ? 82 : 54).trim(),
  };
}

/** Reads the allocation table entry of a cluster, fetching the table piece by piece. */
function fatReader(source: ByteSource, geometry: Geometry): (cluster: number) => number {
  // A multiple of every entry's size, so that only FAT12 entries ever lie across two pieces.
  const pieceSize = 96 * 1024;
  const pieces = new Map<number, Buffer>();
  const locate = (at: number, length: number): { piece: Buffer; within: number } => {
    if (at + length > geometry.fatSize)
      throw new FormatError(source, `its allocation table of ${geometry.fatSize} bytes is too small for its clusters`);
    const index = Math.floor(at / pieceSize);
    const piece =
      pieces.get(index) ?? source.read(geometry.fatAt + index * pieceSize, Math.min(pieceSize, geometry.fatSize - index * pieceSize));
    pieces.set(index, piece);
    return { piece, within: at % pieceSize };
  };
  const byte = (at: number): number => {
    const { piece, within } = locate(at, 1);
    return piece.readUInt8(within);
  };
  const readers: Record<FatVolume["type"], (cluster: number) => number> = {
    FAT12: (cluster) => {
      const at = cluster + (cluster >> 1);
      const pair = byte(at) + byte(at + 1) * 256;
      return cluster & 1 ? pair >> 4 : pair & 0xfff;
    },
    FAT16: (cluster) => {
      const { piece, within } = locate(cluster * 2, 2);
      return piece.readUInt16LE(within);
    },
    FAT32: (cluster) => {
      const { piece, within } = locate(cluster * 4, 4);
      return piece.readUInt32LE(within) & 0xfffffff;
    },
  };
  return readers[geometry.type];
}
