/** One entry of a FAT directory, with the name people see. */
export interface FatEntry {
  readonly name: string;
  readonly directory: boolean;
  readonly size: number;
  readonly cluster: number;
}

const longName = 0x0f;
const volumeLabel = 0x08;
const directoryFlag = 0x10;

/** The entries of a directory's bytes, without `.`, `..`, deleted ones and the volume label. A long name whose checksum does not match its short name is ignored, as the specification demands. */
export function readDirectoryEntries(bytes: Buffer): FatEntry[] {
  const entries: FatEntry[] = [];
  let long: { parts: string[]; checksum: number } | undefined;
  for (let at = 0; at + 32 <= bytes.length; at += 32) {
    const entry = bytes.subarray(at, at + 32);
    if (entry[0] === 0) break;
    const attributes = entry[11] ?? 0;
    if (entry[0] === 0xe5) {
      long = undefined;
    } else if ((attributes & 0x3f) === longName) {
      const order = entry[0] ?? 0;
      if (order & 0x40) long = { parts: [], checksum: entry[13] ?? 0 };
      if (long) long.parts[(order & 0x3f) - 1] = longNamePart(entry);
    } else {
      const name =
        long && long.checksum === shortNameChecksum(entry) ? long.parts.join("").replace(/[\0\uffff].*$/s, "") : shortName(entry);
      long = undefined;
      if (attributes & volumeLabel || name === "." || name === "..") continue;
      const cluster = entry.readUInt16LE(20) * 0x10000 + entry.readUInt16LE(26);
      entries.push({ name, directory: (attributes & directoryFlag) !== 0, size: entry.readUInt32LE(28), cluster });
    }
  }
  return entries;
}

/** 13 UTF-16 units of a long name. */
function longNamePart(entry: Buffer): string {
  return entry.toString("utf16le", 1, 11) + entry.toString("utf16le", 14, 26) + entry.toString("utf16le", 28, 32);
}

function shortNameChecksum(entry: Buffer): number {
  return entry.subarray(0, 11).reduce((sum, byte) => (((sum & 1) << 7) + (sum >> 1) + byte) & 0xff, 0);
}

/** 8.3 name; the flags in byte 12 say which half Windows shows in lower case. */
function shortName(entry: Buffer): string {
  const flags = entry[12] ?? 0;
  const first = entry[0] === 0x05 ? "\u00e5" : entry.toString("latin1", 0, 1);
  const base = (first + entry.toString("latin1", 1, 8)).trimEnd();
  const extension = entry.toString("latin1", 8, 11).trimEnd();
  const name = flags & 0x08 ? base.toLowerCase() : base;
  return extension === "" ? name : `${name}.${flags & 0x10 ? extension.toLowerCase() : extension}`;
}
