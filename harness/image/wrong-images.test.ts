import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { InputError } from "../model/errors.ts";
import { temporaryFolder } from "../model/testdata/temporary.ts";
import type { Architecture } from "../model/target.ts";
import { assertStartable } from "./bootable.ts";
import { findImage, type FindOptions } from "./manifest.ts";
import { sampleBytes, sampleFile } from "./testdata/samples.ts";

/** What a person is told who wants this file started, as a run does it: found, described, looked into, all before any machine is made. */
async function told(
  file: string,
  options: FindOptions = {},
  arch: Architecture = "x86_64",
  firmware: "uefi" | "bios" = "uefi",
): Promise<string> {
  const error = await findImage(file, options)
    .then(({ manifest, folder }) => assertStartable(manifest, folder, { arch, firmware: { type: firmware } }, "--image"))
    .catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(InputError);
  return (error as InputError).message;
}

function iso(): Buffer {
  const bytes = Buffer.alloc(40 * 2048);
  bytes.write("\x01CD001\x01", 16 * 2048, "latin1");
  bytes.write("\xffCD001\x01", 17 * 2048, "latin1");
  return bytes;
}

function backedQcow2(): Buffer {
  const bytes = Buffer.alloc(1024);
  bytes.write("QFI\xfb", 0, "latin1");
  bytes.writeUInt32BE(3, 4);
  bytes.writeBigUInt64BE(512n, 8);
  bytes.writeUInt32BE(15, 16);
  bytes.writeUInt32BE(16, 20);
  bytes.write("/srv/base.qcow2", 512);
  return bytes;
}

function truncated(name: string, size: number): Buffer {
  return sampleBytes(name).subarray(0, size);
}

/** The stub and its texts, the section with the kernel called otherwise. */
function ukiWithoutKernel(): Buffer {
  const bytes = sampleBytes("sample_1.efi");
  bytes.write(".linox", bytes.indexOf(".linux\0"));
  return bytes;
}

const wrong: readonly [what: string, name: string, bytes: () => Uint8Array, says: RegExp, options?: FindOptions, arch?: Architecture][] = [
  ["nothing at all", "a.raw", () => Buffer.alloc(0), /^--image: .*a\.raw is empty\n {2}Was its build or download cut short\?/],
  ["zeros", "a.raw", () => Buffer.alloc(1 << 20), /is no bootable image: no partition table, no file system UEFI reads, no EFI program/],
  [
    "a partition table whose disk was cut short",
    "a.raw",
    () => truncated("disk-x86_64.raw", 36 << 20),
    /is damaged: partition 1 ends at byte \d+, the file at 37748736: is it cut short\?\n {2}Build or download it again/,
  ],
  [
    "an image of another architecture",
    "a.raw",
    () => sampleBytes("disk-x86_64.raw"),
    /is an x86_64 image \(EFI\/BOOT\/BOOTX64\.EFI has PE machine 0x8664\), target aarch64 needs 0xaa64/,
    {},
    "aarch64",
  ],
  ["an ISO nothing can be started from", "a.iso", iso, /is an ISO without a boot record\n {2}UEFI starts from the EFI image an El Torito/],
  [
    "a qcow2 overlay without what lies below it",
    "a.qcow2",
    backedQcow2,
    /is a part of an image: it is a qcow2 overlay over the backing file \/srv\/base\.qcow2\n {2}Make one file of it: qemu-img convert/,
  ],
  ["a qcow2 disk that was cut short", "a.qcow2", () => truncated("disk.qcow2", 70_000), /is damaged: .*is it cut short\?/],
  [
    "a unified kernel image without a kernel",
    "a.efi",
    ukiWithoutKernel,
    /has no section \.linux, so it carries no kernel: it is said to have form uki/,
    { form: "uki" },
  ],
  [
    "a packed disk with a damaged middle",
    "a.raw.xz",
    () => damagedXz(),
    /a\.raw\.xz cannot be unpacked: .*\n {2}Was its build or download/,
  ],
  [
    "an initrd alone",
    "initrd",
    () => Buffer.from("070701".padEnd(600, "0")),
    /it is a cpio archive.*\n.*or the kernel, and this with --initrd/,
  ],
  ["a root file system alone", "a.squashfs", () => Buffer.from("hsqs".padEnd(600)), /squashfs.*\n.*or the kernel, and this with --root/],
  ["an archive", "a.zip", () => Buffer.from("PK\x03\x04".padEnd(600)), /it is a zip archive\n {2}Unpack it first/],
  [
    "a disk that is called a kernel",
    "a.raw",
    () => sampleBytes("disk-x86_64.raw"),
    /is a raw disk, and is said to have form kernel\n {2}Say what it is: form disk/,
    { form: "kernel" },
  ],
  [
    "a disk with an initrd",
    "a.raw",
    () => sampleBytes("disk-x86_64.raw"),
    /^--initrd: goes with a kernel, and .*a\.raw is a raw disk/,
    { initrd: "/etc/os-release" },
  ],
  [
    "a disk for a BIOS",
    "a.raw",
    () => sampleBytes("disk-bios.raw"),
    /a disk for BIOS \(MBR\) with 1 partition and no file system UEFI reads/,
  ],
];

/** A sound header, and a block that is not what was packed. */
function damagedXz(): Buffer {
  const bytes = Buffer.from("/Td6WFoAAATm1rRGAgAhARYAAAB0L+WjAQALaGVsbG8sIHRoZXJlAF0ZBIidMHg1AAEkDKYY2NgftvN9AQAAAAAEWVo=", "base64");
  bytes[30] = (bytes[30] ?? 0) ^ 0xff;
  return bytes;
}

test.each(wrong)("somebody who gives %s is told so before any machine starts", async (_what, name, bytes, says, options, arch) => {
  expect(await told(sampleFile(name, bytes()), options, arch)).toMatch(says);
});

test("what only UEFI starts is refused where a BIOS would have to", async () => {
  const bios = (name: string) => told(sampleFile(name), {}, "x86_64", "bios");
  expect(await bios("sample_1.efi")).toMatch(/is an EFI program, which a BIOS does not start\n {2}Give a target with UEFI/);
  expect(await bios("sample.iso")).toMatch(/is an ISO 9660 image without boot code for a BIOS/);
  expect(await bios("disk-x86_64.raw")).toMatch(/is a raw disk without boot code for a BIOS/);
});

test("a folder is told what would start from it, and a program that is not there or of another architecture", async () => {
  const folder = temporaryFolder();
  expect(await told(folder)).toContain("is a folder without image.yaml");
  expect(await told(folder)).toContain("give --netboot FILE to start from it over the network");
  expect(await told(folder, { netboot: "boot/x.efi" })).toMatch(/^--netboot: there is no file .*boot\/x\.efi/);
  mkdirSync(join(folder, "boot"));
  writeFileSync(join(folder, "boot/x.efi"), sampleBytes("sample_1.efi"));
  expect(await told(folder, { netboot: "boot/x.efi" }, "riscv64")).toMatch(/boot\/x\.efi is an x86_64 image/);
  expect(await told(folder, { netboot: "boot/x.efi", initrd: "y" })).toMatch(/^--initrd: goes with a kernel, and a folder is started from/);
});

test("a manifest that lacks what its form starts from, or says what goes with another, is told the place", async () => {
  const folder = temporaryFolder();
  const file = join(folder, "image.yaml");
  const write = (more: string) =>
    writeFileSync(file, `image: a\ntitle: t\narchitectures: [x86_64, riscv64]\nbuild: { command: [sh, b.sh] }\n${more}`);
  write(`form: netboot\nform-on: { riscv64: kernel }\nversions:\n  - { version: "1" }\n`);
  expect(await told(file)).toContain(`${file}:8:5: the first version of an image of form netboot needs \`netboot\``);
  expect(await told(file)).toContain(`${file}:8:5: the first version of an image of form kernel needs \`kernel\``);
  write(`versions:\n  - { version: "1", disk: a.raw, initrd: i }\n`);
  expect(await told(file)).toContain(`${file}:6:34: \`initrd\` goes with \`kernel\`, and the image has form disk`);
  write(`expects: [uefi-shel]\nversions:\n  - { version: "1", disk: a.raw }\n`);
  expect(await told(file)).toMatch(/image\.yaml:5:11: there is no signature "uefi-shel"[^]*did you mean "uefi-shell"/);
  write(`form: kernal\nversions:\n  - { version: "1", kernel: k }\n`);
  expect(await told(file)).toMatch(/image\.yaml:5:7: [^]*kernel/);
});
