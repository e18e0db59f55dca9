import type { ByteSource } from "./source.ts";

/** What a file is, told from its bytes and never from its name. */
export interface Recognised {
  /** How it is packed: whole disk, ISO, EFI program, Linux kernel, or something that is no bootable image. */
  readonly form: "disk" | "iso" | "efi" | "kernel" | "other";
  /** `raw`, `qcow2`, `vmdk`, `vpc`, `vhdx`, `iso`, `pe`, `gzip`, …; `unknown` for bytes that look like nothing known. */
  readonly format: string;
  /** For people: `a qcow2 disk`, `compressed with gzip`. */
  readonly words: string;
  /** What to do with a file that cannot be started as it is. */
  readonly remedy?: string;
}

interface Magic extends Recognised {
  /** Byte offset; negative counts from the end. */
  readonly at: number;
  readonly bytes: string;
}

const decompress = (tool: string): string => `Decompress it first, with ${tool}.`;

/** Bytes that tell formats apart, most telling first. `bytes` is latin1. */
const magics: readonly Magic[] = [
  { form: "disk", format: "qcow2", words: "a qcow2 disk", at: 0, bytes: "QFI\xfb" },
  { form: "disk", format: "vmdk", words: "a VMDK disk", at: 0, bytes: "KDMV" },
  { form: "disk", format: "vmdk", words: "a VMDK description", at: 0, bytes: "# Disk DescriptorFile" },
  { form: "disk", format: "vhdx", words: "a VHDX disk", at: 0, bytes: "vhdxfile" },
  { form: "disk", format: "vpc", words: "a dynamic VHD disk", at: 0, bytes: "conectix" },
  { form: "disk", format: "vpc", words: "a fixed VHD disk", at: -512, bytes: "conectix" },
  { form: "other", format: "gzip", words: "compressed with gzip", at: 0, bytes: "\x1f\x8b", remedy: decompress("gunzip") },
  { form: "other", format: "xz", words: "compressed with xz", at: 0, bytes: "\xfd7zXZ\0", remedy: decompress("unxz") },
  { form: "other", format: "zstd", words: "compressed with zstd", at: 0, bytes: "\x28\xb5\x2f\xfd", remedy: decompress("unzstd") },
  { form: "other", format: "bzip2", words: "compressed with bzip2", at: 0, bytes: "BZh", remedy: decompress("bunzip2") },
  { form: "other", format: "lz4", words: "compressed with lz4", at: 0, bytes: "\x04\x22\x4d\x18", remedy: decompress("unlz4") },
  { form: "other", format: "zip", words: "a zip archive", at: 0, bytes: "PK\x03\x04", remedy: "Unpack it first." },
  { form: "other", format: "7z", words: "a 7-zip archive", at: 0, bytes: "7z\xbc\xaf\x27\x1c", remedy: "Unpack it first." },
  { form: "other", format: "elf", words: "an ELF program", at: 0, bytes: "\x7fELF" },
  {
    form: "other",
    format: "squashfs",
    words: "a squashfs file system",
    at: 0,
    bytes: "hsqs",
    remedy: "Name the whole disk image instead, or the kernel, and this with --root.",
  },
  {
    form: "other",
    format: "erofs",
    words: "an erofs file system",
    at: 1024,
    bytes: "\xe2\xe1\xf5\xe0",
    remedy: "Name the whole disk image instead, or the kernel, and this with --root.",
  },
  { form: "other", format: "luks", words: "a LUKS volume", at: 0, bytes: "LUKS\xba\xbe", remedy: "Name the whole disk image instead." },
  {
    form: "other",
    format: "cpio",
    words: "a cpio archive (an initrd?)",
    at: 0,
    bytes: "070701",
    remedy: "Name the whole disk image or the UKI instead, or the kernel, and this with --initrd.",
  },
  { form: "other", format: "tar", words: "a tar archive", at: 257, bytes: "ustar", remedy: "Unpack it first." },
  // Linux's Documentation: arch/x86/boot.rst, arch/arm64/booting.rst, arch/riscv/boot-image-header.rst; drivers/firmware/efi/libstub/zboot-header.S.
  { form: "kernel", format: "linux", words: "a Linux kernel", at: 0x202, bytes: "HdrS" },
  { form: "kernel", format: "linux", words: "a Linux kernel", at: 0x38, bytes: "ARM\x64" },
  { form: "kernel", format: "linux", words: "a Linux kernel", at: 0x38, bytes: "RSC\x05" },
  { form: "kernel", format: "linux", words: "a Linux kernel", at: 4, bytes: "zimg" },
  { form: "efi", format: "pe", words: "an EFI program", at: 0, bytes: "MZ" },
  { form: "other", format: "ext4", words: "an ext file system", at: 1080, bytes: "\x53\xef", remedy: "Name the whole disk image instead." },
];

const iso: Magic = { form: "iso", format: "iso", words: "an ISO 9660 image", at: 0x8001, bytes: "CD001" };
const raw: Recognised = { form: "disk", format: "raw", words: "a raw disk" };
const unknown: Recognised = { form: "other", format: "unknown", words: "bytes of no known format" };

/**
 * Tells what a file is. A raw disk is what has a partition table or file system as `hasDisk` says; it is asked last, because a raw disk has no magic of its own,
 * except that an ISO with a partition table (isohybrid) is still called an ISO.
 */
export function recognise(source: ByteSource, hasDisk: () => boolean): Recognised {
  const found = [iso, ...magics].find(({ at, bytes }) => has(source, at, bytes));
  if (found)
    return { form: found.form, format: found.format, words: found.words, ...(found.remedy === undefined ? {} : { remedy: found.remedy }) };
  return hasDisk() ? raw : unknown;
}

function has(source: ByteSource, at: number, bytes: string): boolean {
  const offset = at < 0 ? source.size + at : at;
  return offset >= 0 && offset + bytes.length <= source.size && source.read(offset, bytes.length).toString("latin1") === bytes;
}
