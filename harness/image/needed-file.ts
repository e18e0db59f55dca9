import { slice, type ByteSource } from "./source.ts";

const differencing = 4;

/** What another file a virtual disk is nothing without, in words: what it would read there is not the image's. Sources: as in virtualdisk.ts. */
export function neededFile(source: ByteSource, format: string): string | undefined {
  return readers[format]?.(source);
}

const readers: Readonly<Record<string, (source: ByteSource) => string | undefined>> = {
  qcow2: (source) => {
    const header = source.read(0, Math.min(104, source.size));
    const at = Number(header.readBigUInt64BE(8));
    if (at === 0) return undefined;
    const name = slice(source, source.name, at, header.readUInt32BE(16)).read(0, header.readUInt32BE(16)).toString("utf8");
    return `it is a qcow2 overlay over the backing file ${name}`;
  },
  vpc: (source) =>
    source.read(source.size - 512, 512).readUInt32BE(60) === differencing
      ? "it is a differencing VHD, which holds only what differs from its parent"
      : undefined,
};
