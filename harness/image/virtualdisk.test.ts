import { expect, test } from "vitest";
import { bytesSource, FormatError } from "./source.ts";
import { sample, sampleBytes } from "./testdata/samples.ts";
import { openVirtualDisk } from "./virtualdisk.ts";

test.each([
  ["disk.qcow2", "qcow2"],
  ["disk-compressed.qcow2", "qcow2"],
  ["disk.vhd", "vpc"],
  ["disk-fixed.vhd", "vpc"],
])("%s holds the bytes qemu-img put in", (name, format) => {
  const raw = sampleBytes("disk-mbr-efi.raw");
  const disk = openVirtualDisk(sample(name), format);
  // VHD sizes are rounded up to whole cylinders.
  expect(disk?.size).toBeGreaterThanOrEqual(raw.length);
  expect(disk?.read(0, raw.length).equals(raw)).toBe(true);
  expect(disk?.read(raw.length - 3, 3)).toEqual(Buffer.alloc(3));
  expect(() => disk?.read(disk.size - 1, 2)).toThrow(FormatError);
});

test("formats that cannot be looked into are no error", () => {
  expect(openVirtualDisk(sample("disk.vmdk"), "vmdk")).toBeUndefined();
  expect(openVirtualDisk(sample("disk.vhdx"), "vhdx")).toBeUndefined();
  const backed = sampleBytes("disk.qcow2");
  backed.writeBigUInt64BE(512n, 8);
  expect(openVirtualDisk(bytesSource("backed.qcow2", backed), "qcow2")).toBeUndefined();
});

test("a file cut short is an error, not zeros", () => {
  const cut = (name: string, format: string, length: number): Buffer | undefined =>
    openVirtualDisk(bytesSource(name, sampleBytes(name).subarray(0, length)), format)?.read(1 << 20, 2048);
  expect(() => cut("disk.qcow2", "qcow2", 200 * 1024)).toThrow(FormatError);
  expect(() => cut("disk.vhd", "vpc", 1 << 20)).toThrow(/has no VHD footer: is it cut short/);
});
