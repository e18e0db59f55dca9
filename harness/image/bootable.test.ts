import { closeSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { InputError } from "../model/errors.ts";
import { architectures, type Architecture } from "../model/target.ts";
import { assertBootable } from "./bootable.ts";
import { bytesSource, type ByteSource } from "./source.ts";
import { survey } from "./survey.ts";
import { sampleBytes, sampleFile } from "./testdata/samples.ts";

const refusal = async (file: string, arch: Architecture = "x86_64"): Promise<string> => {
  const error: unknown = await assertBootable(file, arch, "--image").catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(InputError);
  return (error as InputError).message.replaceAll(/ \/\S*\//g, " ");
};

describe.each([
  ["disk-x86_64.raw", "x86_64"],
  ["disk-aarch64-4k.raw", "aarch64"],
  ["floppy-riscv64.raw", "riscv64"],
  ["disk-mbr-efi.raw", "x86_64"],
  ["disk.qcow2", "x86_64"],
  ["disk-compressed.qcow2", "x86_64"],
  ["disk.vhd", "x86_64"],
  ["disk-fixed.vhd", "x86_64"],
  ["sample.iso", "riscv64"],
  ["sample_1.efi", "x86_64"],
] as const)("%s", (name, own) => {
  test.each(architectures.filter((arch) => arch === own))("is bootable on %s", async (arch) => {
    await expect(assertBootable(sampleFile(name), arch, "--image")).resolves.toBeUndefined();
  });

  test.each(architectures.filter((arch) => arch !== own))("is refused for %s", async (arch) => {
    expect(await refusal(sampleFile(name), arch)).toContain(`is an ${own} image`.replace("an riscv", "a riscv"));
  });
});

test("says what was found and what would be right", async () => {
  expect(await refusal(sampleFile("disk-aarch64-4k.raw"))).toBe(
    "--image: disk-aarch64-4k.raw is an aarch64 image (EFI/BOOT/BOOTAA64.EFI has PE machine 0xaa64), target x86_64 needs 0x8664\n" +
      "  Give an image built for x86_64, or a target of the image's architecture.",
  );
  expect(await refusal(sampleFile("disk-bios.raw"))).toContain(
    "is no bootable image: a disk for BIOS (MBR) with 1 partition and no file system UEFI reads",
  );
});

test.each([
  ["random bytes", randomBytes(100_000), "is no bootable image: no partition table, no file system UEFI reads, no EFI program"],
  ["one byte", Buffer.from("x"), "is no bootable image: no partition table"],
  ["zeros", Buffer.alloc(1 << 20), "is no bootable image: no partition table"],
  ["a gzip file", Buffer.from("1f8b0800", "hex"), "it is compressed with gzip\n  Decompress it first, with gunzip."],
  ["an xz file", Buffer.from("fd377a585a0000", "hex"), "it is compressed with xz\n  Decompress it first, with unxz."],
  ["a zstd file", Buffer.from("28b52ffd00", "hex"), "it is compressed with zstd\n  Decompress it first, with unzstd."],
  ["a cut EFI program", sampleBytes("sample_1.efi").subarray(0, 70_000), "is no bootable image (its section"],
  ["nothing", Buffer.alloc(0), "is empty"],
])("refuses %s", async (_, bytes, message) => {
  expect(await refusal(sampleFile("image", bytes))).toContain(message);
});

function patched(name: string, change: (bytes: Buffer) => void): string {
  const bytes = sampleBytes(name);
  change(bytes);
  return sampleFile(name, bytes);
}

test("refuses a disk whose partition tables are both damaged", async () => {
  const file = patched("disk-x86_64.raw", (bytes) => {
    bytes[512 + 60] = 0xfe;
    bytes[bytes.length - 512 + 60] = 0xfe;
  });
  expect(await refusal(file)).toContain("is damaged: the primary partition table is damaged");
});

test("refuses a disk whose program is none, is elsewhere, or is for another system", async () => {
  const renamed = patched("floppy-riscv64.raw", (bytes) => bytes.write("XOOT", bytes.indexOf("BOOT       ")));
  expect(await refusal(renamed, "riscv64")).toContain("its FAT partition has no EFI program in EFI/BOOT");
  const overwritten = patched("floppy-riscv64.raw", (bytes) => bytes.write("XX", bytes.indexOf("MZ")));
  expect(await refusal(overwritten, "riscv64")).toContain("EFI/BOOT/BOOTRISCV64.EFI is no EFI program: it does not start with MZ");
  const windows = patched("addonx64.efi", (bytes) => bytes.writeUInt16LE(3, bytes.readUInt32LE(60) + 24 + 68));
  expect(await refusal(windows)).toContain("is a program for PE subsystem 3, EFI programs have 10 to 13");
  const windowsDisk = patched("floppy-riscv64.raw", (bytes) => {
    const start = bytes.indexOf("MZ");
    bytes.writeUInt16LE(3, start + bytes.readUInt32LE(start + 60) + 24 + 68);
  });
  expect(await refusal(windowsDisk, "riscv64")).toContain("EFI/BOOT/BOOTRISCV64.EFI is a program for PE subsystem 3");
});

test("takes an ISO whose partition table is for BIOS only", async () => {
  const hybrid = patched("sample.iso", (bytes) => {
    Buffer.from("80000000830000000000000000080000", "hex").copy(bytes, 446);
    bytes.writeUInt16LE(0xaa55, 510);
  });
  await expect(assertBootable(hybrid, "riscv64", "--image")).resolves.toBeUndefined();
});

test("refuses what cannot be read", async () => {
  expect(await refusal("/nonexistent/image.raw")).toContain("image.raw does not exist");
  expect(await refusal(import.meta.dirname)).toContain("is a directory");
  expect(await refusal("/dev/null")).toContain("is no regular file");
});

test.runIf(process.getuid?.() === 0)("refuses a file one may not read", async () => {
  process.seteuid?.("nobody");
  try {
    expect(await refusal("/etc/shadow")).toContain("may not be read by you");
  } finally {
    process.seteuid?.(0);
  }
});

test("formats nobody looks into pass on their magic", async () => {
  for (const name of ["disk.vmdk", "disk.vhdx"])
    await expect(assertBootable(sampleFile(name), "x86_64", "--image")).resolves.toBeUndefined();
});

test("reads less than a megabyte, however large the disk", async () => {
  let read = 0;
  const counting = (inner: ByteSource): ByteSource => ({
    ...inner,
    read(offset, length) {
      read += length;
      return inner.read(offset, length);
    },
  });
  expect(survey(counting(bytesSource("disk.raw", sampleBytes("disk-x86_64.raw")))).programs).toHaveLength(2);
  expect(read).toBeGreaterThan(0);
  expect(read).toBeLessThan(1 << 20);
});

test("takes a sparse disk of 8 GiB", async () => {
  const bytes = sampleBytes("disk-x86_64.raw");
  const file = sampleFile("large.raw", bytes.subarray(0, 1 << 20));
  const fd = openSync(file, "r+");
  writeSync(fd, bytes, 1 << 20, bytes.length - (1 << 20), 1 << 20);
  ftruncateSync(fd, 8 * 2 ** 30);
  closeSync(fd);
  await expect(assertBootable(file, "x86_64", "--image")).resolves.toBeUndefined();
});
