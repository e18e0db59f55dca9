import { expect, test } from "vitest";
import { readGpt } from "./gpt.ts";
import { readMbr } from "./mbr.ts";
import { bytesSource, FormatError } from "./source.ts";
import { sample, sampleBytes } from "./testdata/samples.ts";

const read = (bytes: Uint8Array): ReturnType<typeof readGpt> => readGpt(bytesSource("disk.raw", bytes));

function damaged(...offsets: number[]): Buffer {
  const bytes = sampleBytes("disk-x86_64.raw");
  for (const at of offsets) bytes[at] = (bytes[at] ?? 0) ^ 0x01;
  return bytes;
}

const partitions = [
  {
    number: 1,
    type: "c12a7328-f81f-11d2-ba4b-00a0c93ec93b",
    guid: "aaaaaaaa-0000-4000-8000-000000000001",
    name: "esp",
    offset: 1048576,
    size: 36 * 1048576,
  },
  {
    number: 2,
    type: "4f68bce3-e8cd-4db1-96e7-fbcaf984b709",
    guid: "aaaaaaaa-0000-4000-8000-000000000002",
    name: "sample_1",
    offset: 37 * 1048576,
    size: 2 * 1048576,
  },
];

test("reads what sfdisk wrote, with sectors of 512 bytes", () => {
  const gpt = readGpt(sample("disk-x86_64.raw"));
  expect(gpt).toMatchObject({ sectorSize: 512, guid: "11111111-2222-4333-8444-555555555555", problems: [] });
  expect(gpt?.partitions).toEqual(partitions);
});

test("reads what sfdisk wrote, with sectors of 4096 bytes", () => {
  expect(readGpt(sample("disk-aarch64-4k.raw"))).toMatchObject({
    sectorSize: 4096,
    guid: "11111111-2222-4333-8444-666666666666",
    partitions: [{ number: 1, name: "esp", offset: 1048576, size: 20 * 1048576 }],
    problems: [],
  });
});

test.each([
  ["header", 512 + 60, "the primary partition table is damaged: its header does not match its checksum"],
  ["entries", 1024 + 40, "the primary partition table is damaged: its entries do not match their checksum"],
  ["signature", 512, "the primary partition table is missing"],
])("uses the copy at the end where the primary %s is damaged, and says so", (_, at, problem) => {
  const gpt = read(damaged(at));
  expect(gpt?.partitions).toEqual(partitions);
  expect(gpt?.problems).toEqual([problem]);
});

test("is an error where both copies are damaged", () => {
  const size = sampleBytes("disk-x86_64.raw").length;
  expect(() => read(damaged(512 + 60, size - 512 + 60))).toThrow(FormatError);
  expect(() => read(damaged(512 + 60, size - 512 + 60))).toThrow(
    /the primary partition table is damaged: .*; the backup partition table is damaged: /,
  );
});

test("tells a disk that is cut short", () => {
  const gpt = read(sampleBytes("disk-x86_64.raw").subarray(0, 20 * 1048576));
  expect(gpt?.problems[0]).toBe("partition 1 ends at byte 38797312, the file at 20971520: is it cut short?");
});

test("anything else has no GPT", () => {
  for (const name of ["disk-bios.raw", "floppy-riscv64.raw", "sample.iso", "addonx64.efi"]) expect(readGpt(sample(name))).toBeUndefined();
  expect(read(Buffer.alloc(100))).toBeUndefined();
  expect(read(Buffer.alloc(100_000, 0xa5))).toBeUndefined();
});

test("reads a classic partition table, and takes neither a protective one nor a boot sector for one", () => {
  expect(readMbr(sample("disk-bios.raw"))).toEqual([{ number: 1, type: 0x83, bootable: true, offset: 1048576, size: 1048576 }]);
  expect(readMbr(sample("disk-mbr-efi.raw"))).toMatchObject([{ type: 0xef, bootable: false }]);
  for (const name of ["disk-x86_64.raw", "floppy-riscv64.raw", "addonx64.efi"]) expect(readMbr(sample(name))).toBeUndefined();
});
