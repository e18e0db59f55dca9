import { createHash } from "node:crypto";
import { architectureOfPe } from "../model/architecture.ts";
import type { Architecture } from "../model/target.ts";
import { FormatError, type ByteSource } from "./source.ts";

export interface PeSection {
  readonly name: string;
  /** Bytes in memory. */
  readonly virtualSize: number;
  /** Bytes in the file, rounded up to the file alignment. */
  readonly rawSize: number;
  /** Where the bytes start in the file. */
  readonly offset: number;
  /** The bytes in the file that belong to the section: the lesser of both sizes. */
  contents(): Buffer;
}

/** The headers of a PE/COFF file, which every EFI program is. */
export interface PeFile {
  /** IMAGE_FILE_MACHINE number. */
  readonly machine: number;
  /** undefined for a machine osbench has no targets for. */
  readonly architecture: Architecture | undefined;
  /** IMAGE_SUBSYSTEM number; 10 to 13 are EFI programs. */
  readonly subsystem: number;
  readonly sections: readonly PeSection[];
  /** The attribute certificate table, i.e. the signatures; undefined for an unsigned file. */
  readonly certificates: { readonly offset: number; readonly size: number } | undefined;
  /** Digest of all that a signature covers, which firmware measures into PCR 4 when it starts the program. Lower-case hex. */
  authenticode(hash?: string): string;
}

/** `x86_64`, or the number in hex for a machine osbench has no targets for. */
export function peMachineName(machine: number): string {
  return architectureOfPe(machine) ?? otherMachines.get(machine) ?? `PE machine 0x${machine.toString(16)}`;
}

const otherMachines: ReadonlyMap<number, string> = new Map([
  [0x14c, "i386"],
  [0x1c2, "arm"],
  [0x5032, "riscv32"],
  [0x6264, "loongarch64"],
  [0xebc, "EFI byte code"],
]);

const mostSections = 96;

/**
 * Reads the headers of a PE/COFF file (Microsoft's PE Format specification). Section contents are read only when asked for.
 * Throws FormatError if it is none, or if what the headers promise is not there.
 */
export function readPe(source: ByteSource): PeFile {
  const bad = (what: string): FormatError => new FormatError(source, what);
  if (source.size < 64 || source.read(0, 2).toString("latin1") !== "MZ") throw bad("is no EFI program: it does not start with MZ");
  const start = source.read(60, 4).readUInt32LE();
  if (start + 24 > source.size) throw bad(`is no EFI program: its PE header would start at byte ${start}, it has ${source.size}`);
  const coff = source.read(start, 24);
  if (coff.toString("latin1", 0, 4) !== "PE\0\0") throw bad(`is no EFI program: there is no PE signature at byte ${start}`);
  const machine = coff.readUInt16LE(4);
  const sectionCount = coff.readUInt16LE(6);
  const optionalSize = coff.readUInt16LE(20);
  if (sectionCount > mostSections) throw bad(`has ${sectionCount} PE sections, the most is ${mostSections}`);
  const optional = source.read(start + 24, optionalSize);
  const magic = optionalSize >= 2 ? optional.readUInt16LE(0) : 0;
  if (magic !== 0x10b && magic !== 0x20b) throw bad(`has the PE optional header 0x${magic.toString(16)}, known are 0x10b and 0x20b`);
  const directoryCountAt = magic === 0x20b ? 108 : 92;
  if (optionalSize < directoryCountAt + 4) throw bad(`has a PE optional header of ${optionalSize} bytes, which is too short`);
  const directoriesAt = directoryCountAt + 4;
  const directories = Math.min(optional.readUInt32LE(directoryCountAt), Math.floor((optionalSize - directoriesAt) / 8));
  const certificateEntry = directories > 4 ? directoriesAt + 4 * 8 : undefined;
  const certificates = certificateEntry === undefined ? undefined : certificateTable(source, optional, certificateEntry);
  const sections = readSections(source, start + 24 + optionalSize, sectionCount);
  const layout = {
    checksumAt: start + 24 + 64,
    certificateEntryAt: certificateEntry === undefined ? undefined : start + 24 + certificateEntry,
    headersSize: optional.readUInt32LE(60),
    certificates,
    sections,
  };
  return {
    machine,
    architecture: architectureOfPe(machine),
    subsystem: optional.readUInt16LE(68),
    sections,
    certificates,
    authenticode: (hash = "sha256") => authenticode(source, layout, hash),
  };
}

function certificateTable(source: ByteSource, optional: Buffer, entry: number): PeFile["certificates"] {
  const offset = optional.readUInt32LE(entry);
  const size = optional.readUInt32LE(entry + 4);
  if (size === 0) return undefined;
  if (offset + size > source.size) {
    throw new FormatError(source, `its signatures would end at byte ${offset + size}, it has ${source.size}: is it cut short?`);
  }
  return { offset, size };
}

function readSections(source: ByteSource, tableAt: number, count: number): PeSection[] {
  const table = source.read(tableAt, count * 40);
  return Array.from({ length: count }, (_, i) => {
    const header = table.subarray(i * 40, i * 40 + 40);
    const name = header.toString("latin1", 0, 8).replace(/\0.*$/s, "");
    const virtualSize = header.readUInt32LE(8);
    const rawSize = header.readUInt32LE(16);
    const offset = header.readUInt32LE(20);
    if (rawSize > 0 && offset + rawSize > source.size) {
      throw new FormatError(source, `its section ${name} would end at byte ${offset + rawSize}, it has ${source.size}: is it cut short?`);
    }
    return { name, virtualSize, rawSize, offset, contents: () => source.read(offset, Math.min(virtualSize, rawSize)) };
  });
}

interface Layout {
  readonly checksumAt: number;
  readonly certificateEntryAt: number | undefined;
  readonly headersSize: number;
  readonly certificates: PeFile["certificates"];
  readonly sections: readonly PeSection[];
}

/**
 * Microsoft's Windows Authenticode Portable Executable Signature Format, "Calculating the PE Image Hash": headers without checksum, certificate entry and
 * certificates, then the sections by place in the file, then what follows them. Nothing is padded, as EDK2 does it.
 */
function authenticode(source: ByteSource, layout: Layout, algorithm: string): string {
  const hash = createHash(algorithm);
  const feed = (from: number, to: number): void => {
    if (to < from) throw new FormatError(source, `its PE headers contradict each other: bytes ${from} to ${to} are to be hashed`);
    for (let at = from; at < to; at += 1 << 20) hash.update(source.read(at, Math.min(1 << 20, to - at)));
  };
  const { checksumAt, certificateEntryAt, headersSize, certificates, sections } = layout;
  feed(0, checksumAt);
  feed(checksumAt + 4, certificateEntryAt ?? headersSize);
  if (certificateEntryAt !== undefined) feed(certificateEntryAt + 8, headersSize);
  let hashed = headersSize;
  for (const section of sections.filter(({ rawSize }) => rawSize > 0).toSorted((a, b) => a.offset - b.offset)) {
    feed(section.offset, section.offset + section.rawSize);
    hashed += section.rawSize;
  }
  feed(hashed, source.size - (certificates?.size ?? 0));
  return hash.digest("hex");
}
