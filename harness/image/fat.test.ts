import { expect, test } from "vitest";
import { openFat, type FatVolume } from "./fat.ts";
import { readPe } from "./pe.ts";
import { bytesSource, FormatError, slice, type ByteSource } from "./source.ts";
import { authenticodeOf, sample, sampleBytes } from "./testdata/samples.ts";

const mib = 1 << 20;

function open(source: ByteSource): FatVolume {
  const volume = openFat(source);
  if (!volume) throw new Error("no FAT");
  return volume;
}

const fat32 = (disk: ByteSource = sample("disk-x86_64.raw")): FatVolume => open(slice(disk, "esp", mib, 36 * mib));
const all = (volume: FatVolume, path: string): Buffer => {
  const file = volume.open(path);
  if (!file) throw new Error(`no ${path}`);
  return file.read(0, file.size);
};

test("FAT32: lists directories and long names, as mtools wrote them", () => {
  const volume = fat32();
  expect([volume.type, volume.label, volume.sectorSize, volume.problem]).toEqual(["FAT32", "ESP", 512, undefined]);
  expect(volume.list("/").map(({ name, directory }) => [name, directory])).toEqual([
    ["EFI", true],
    ["loader", true],
  ]);
  expect([...volume.walk()].map(({ path, size }) => [path, size]).toSorted()).toEqual([
    ["/EFI/A directory with a long name/Größe und mehr.txt", 6],
    ["/EFI/BOOT/BOOTX64.EFI", 124416],
    ["/EFI/Linux/sample_1+3-0.efi", sampleBytes("sample_1.efi").length],
    ["/loader/loader.conf", 10],
  ]);
});

test("FAT32: files have the bytes that were copied in", () => {
  const volume = fat32();
  expect(all(volume, "/EFI/Linux/sample_1+3-0.efi").equals(sampleBytes("sample_1.efi"))).toBe(true);
  expect(all(volume, "/loader/loader.conf").toString()).toBe("timeout 0\n");
  expect(all(volume, "/EFI/A directory with a long name/Größe und mehr.txt").toString()).toBe("höre\n");
  const loader = volume.open("\\efi\\boot\\bootx64.efi");
  expect(loader && readPe(loader).authenticode()).toBe(authenticodeOf("systemd-bootx64.efi"));
});

test("a file can be read in pieces that cross its clusters", () => {
  const file = fat32().open("/EFI/Linux/sample_1+3-0.efi");
  const expected = sampleBytes("sample_1.efi");
  for (const [at, length] of [
    [0, 1],
    [500, 24],
    [511, 1026],
    [expected.length - 1, 1],
  ] as const) {
    expect(file?.read(at, length).equals(expected.subarray(at, at + length)), `${length} bytes at ${at}`).toBe(true);
  }
  expect(() => file?.read(expected.length - 1, 2)).toThrow(FormatError);
});

test("FAT16 with sectors of 4096 bytes, and FAT12", () => {
  const fat16 = open(slice(sample("disk-aarch64-4k.raw"), "esp", mib, 20 * mib));
  expect([fat16.type, fat16.label, fat16.sectorSize]).toEqual(["FAT16", "ESP4K", 4096]);
  const arm = fat16.open("/EFI/BOOT/BOOTAA64.EFI");
  expect(arm && readPe(arm).authenticode()).toBe(authenticodeOf("addonaa64.efi"));
  const fat12 = open(sample("floppy-riscv64.raw"));
  expect([fat12.type, fat12.label]).toEqual(["FAT12", "FLOPPY"]);
  const riscv = fat12.open("/EFI/BOOT/BOOTRISCV64.EFI");
  expect(riscv && readPe(riscv).architecture).toBe("riscv64");
});

test("what is not there is not there", () => {
  const volume = fat32();
  expect(volume.list("/nowhere")).toEqual([]);
  expect(volume.list("/loader/loader.conf")).toEqual([]);
  expect(volume.open("/EFI")).toBeUndefined();
  expect(volume.open("/loader/loader.conf/x")).toBeUndefined();
  for (const name of ["disk-x86_64.raw", "addonx64.efi", "sample.iso"]) expect(openFat(sample(name))).toBeUndefined();
});

/** Writes an entry of both allocation tables of the FAT12 floppy. */
function withEntry(cluster: number, value: number): FatVolume {
  const bytes = sampleBytes("floppy-riscv64.raw");
  const fatSize = bytes.readUInt16LE(22) * 512;
  for (const table of [512, 512 + fatSize]) {
    const at = table + cluster + (cluster >> 1);
    const pair = bytes.readUInt16LE(at);
    bytes.writeUInt16LE(cluster & 1 ? (pair & 0x000f) | (value << 4) : (pair & 0xf000) | value, at);
  }
  return open(bytesSource("floppy.raw", bytes));
}

test.each([
  ["run in a circle", 4, "runs in a circle"],
  ["leave the file system", 0xfee, "leaves the file system at 4078"],
  ["lead to a free cluster", 0, "leaves the file system at 0"],
  ["end too early", 0xfff, "/EFI/BOOT/BOOTRISCV64.EFI has 6144 bytes, its clusters end after 1024"],
])("clusters that %s are an error", (_, value, message) => {
  // Clusters 2 and 3 are the two directories, the file starts in 4 and goes on in 5.
  expect(withEntry(4, 5).open("/EFI/BOOT/BOOTRISCV64.EFI")?.size).toBe(6144);
  expect(() => withEntry(5, value).open("/EFI/BOOT/BOOTRISCV64.EFI")).toThrow(message);
});

test("a long name that does not belong to its short name is ignored", () => {
  const bytes = sampleBytes("disk-x86_64.raw");
  const short = bytes.indexOf(Buffer.from("SAMPLE~1EFI"));
  bytes[short] = "Z".charCodeAt(0);
  expect(
    fat32(bytesSource("disk.raw", bytes))
      .list("/EFI/Linux")
      .map(({ name }) => name),
  ).toEqual([expect.stringMatching(/^ZAMPLE.*\.EFI$/)]);
});

test("a directory that contains itself is an error, not an endless walk", () => {
  const bytes = sampleBytes("floppy-riscv64.raw");
  const name = bytes.indexOf(Buffer.from("BOOT       "));
  bytes.writeUInt16LE(2, name + 26);
  expect(() => [...open(bytesSource("floppy.raw", bytes)).walk()]).toThrow(/contains itself/);
});

test("damaged anywhere in its first sector: read, or refused, never a crash or an endless loop", () => {
  const bytes = sampleBytes("floppy-riscv64.raw");
  for (let at = 0; at < 64; at++) {
    for (const value of [0, 1, 0x80, 0xff]) {
      const copy = Buffer.from(bytes);
      copy[at] = value;
      try {
        const volume = openFat(bytesSource("floppy.raw", copy));
        for (const node of volume?.walk() ?? []) volume?.open(node.path);
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError);
      }
    }
  }
});
