import { dirname } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../model/testdata/temporary.ts";
import { inspectImage } from "./inspect.ts";
import { sampleBytes, sampleFile } from "./testdata/samples.ts";

test("a disk: partitions, programs, unified kernel image, files", async () => {
  const found = await inspectImage(sampleFile("disk-x86_64.raw"));
  expect(found).toMatchObject({
    form: "disk",
    format: "raw",
    size: 40 << 20,
    diskSize: 40 << 20,
    table: "gpt",
    sectorSize: 512,
    architectures: ["x86_64"],
    partitions: [
      { number: 1, type: "EFI system", name: "esp", fileSystem: "FAT32" },
      { number: 2, type: "root (x86_64)", name: "sample_1", fileSystem: undefined },
    ],
    programs: [
      { partition: 1, path: "/EFI/BOOT/BOOTX64.EFI", machine: "x86_64", signed: false, problem: undefined },
      { partition: 1, path: "/EFI/Linux/sample_1+3-0.efi", machine: "x86_64" },
    ],
    ukis: [
      {
        path: "/EFI/Linux/sample_1+3-0.efi",
        osRelease: { NAME: "Sample OS", ID: "sample", VERSION_ID: "1", IMAGE_VERSION: "1" },
        uname: "6.12.0-sample",
        cmdline: "console=ttyS0 quiet",
        signed: false,
      },
    ],
    problems: [],
  });
  expect(found.files).toHaveLength(4);
  expect(found.ukis[0]?.sections.map(({ name }) => name)).toEqual(expect.arrayContaining([".linux", ".initrd", ".osrel", ".uname"]));
});

test.each([
  ["disk-aarch64-4k.raw", { form: "disk", format: "raw", sectorSize: 4096, architectures: ["aarch64"] }],
  ["floppy-riscv64.raw", { form: "disk", format: "raw", table: "none", architectures: ["riscv64"] }],
  ["disk-bios.raw", { form: "disk", format: "raw", table: "mbr", architectures: [], partitions: [{ type: "Linux data" }] }],
  ["disk.qcow2", { form: "disk", format: "qcow2", diskSize: 3 << 20, table: "mbr", architectures: ["x86_64"] }],
  ["disk.vhd", { form: "disk", format: "vpc", table: "mbr", architectures: ["x86_64"] }],
  ["disk.vmdk", { form: "disk", format: "vmdk", diskSize: undefined, problems: [expect.stringContaining("not looked into")] }],
  ["disk.vhdx", { form: "disk", format: "vhdx", diskSize: undefined, problems: [expect.stringContaining("not looked into")] }],
  [
    "sample.iso",
    { form: "iso", format: "iso", architectures: ["riscv64"], partitions: [{ type: "El Torito boot image", fileSystem: "FAT12" }] },
  ],
  ["sample_1.efi", { form: "uki", format: "pe", architectures: ["x86_64"], ukis: [{ uname: "6.12.0-sample" }] }],
  ["addonx64.signed.efi", { form: "efi", format: "pe", programs: [{ signed: true }], ukis: [] }],
])("%s", async (name, expected) => {
  expect(await inspectImage(sampleFile(name))).toMatchObject(expected);
});

test("things that are no image are told, not thrown", async () => {
  expect(await inspectImage(sampleFile("x", Buffer.from("1f8b0800", "hex")))).toMatchObject({
    form: "other",
    format: "gzip",
    words: "compressed with gzip",
  });
  expect(await inspectImage(sampleFile("x", Buffer.from("hello\n")))).toMatchObject({ form: "other", format: "unknown", problems: [] });
});

test("damage is told beside what can still be read", async () => {
  const bytes = sampleBytes("disk-x86_64.raw");
  bytes[600] = 0xff;
  const found = await inspectImage(sampleFile("disk.raw", bytes));
  expect(found.architectures).toEqual(["x86_64"]);
  expect(found.problems).toEqual(["the primary partition table is damaged: its header does not match its checksum"]);
});

test("says where osbench starts it, and why nowhere else", async () => {
  const file = sampleFile("disk-x86_64.raw");
  const { startable } = await inspectImage(file);
  expect(startable.map(({ architecture, starts }) => [architecture, starts])).toEqual([
    ["x86_64", true],
    ["aarch64", false],
    ["riscv64", false],
  ]);
  expect(startable[0]?.words).toBe(`osbench boot ${file}`);
  expect(startable[1]?.words).toContain("has PE machine 0x8664");
});

test("says what a loader calls itself, and of a folder what firmware could fetch from it", async () => {
  const file = sampleFile("addonx64.signed.efi");
  const addon = { loader: expect.stringMatching(/^systemd/), signatures: [{ subject: "CN=sample", matches: true }] };
  expect(await inspectImage(file)).toMatchObject({ programs: [addon] });
  const folder = await inspectImage(dirname(file));
  expect(folder).toMatchObject({ form: "netboot", architectures: ["x86_64"], programs: [{ path: "addonx64.signed.efi", ...addon }] });
  expect(folder.startable).toEqual([
    { architecture: "x86_64", starts: true, words: `osbench boot ${dirname(file)} --netboot addonx64.signed.efi` },
  ]);
  expect(await inspectImage(temporaryFolder())).toMatchObject({ form: "other", problems: [expect.stringContaining("no file in it")] });
});

test("a BIOS's loader is named by the code it leaves in the first sector", async () => {
  const bytes = sampleBytes("disk-bios.raw");
  bytes.write("GRUB \0Geom", 380);
  expect((await inspectImage(sampleFile("disk.raw", bytes))).bios).toBe("GRUB");
});
