import { describe, expect, test } from "vitest";
import { peMachineName, readPe } from "./pe.ts";
import { bytesSource, FormatError } from "./source.ts";
import { authenticodeOf, sample, sampleBytes } from "./testdata/samples.ts";

test("reads machine, subsystem and sections", () => {
  const pe = readPe(sample("sample_1.efi"));
  expect([pe.machine, pe.architecture, pe.subsystem, pe.certificates]).toEqual([0x8664, "x86_64", 10, undefined]);
  expect(pe.sections.map(({ name, virtualSize, rawSize }) => [name, virtualSize, rawSize])).toContainEqual([".cmdline", 19, 512]);
  expect(
    pe.sections
      .find(({ name }) => name === ".cmdline")
      ?.contents()
      .toString(),
  ).toBe("console=ttyS0 quiet");
});

describe("Authenticode digest", () => {
  test.each(["sample_1.efi", "addonx64.efi", "addonx64.signed.efi"])("of %s is what pesign says", (name) => {
    expect(authenticodeOf(name)).toMatch(/^[0-9a-f]{64}$/);
    expect(readPe(sample(name)).authenticode()).toBe(authenticodeOf(name));
  });

  test("a signature does not change it, and is noticed", () => {
    const [plain, signed] = [readPe(sample("addonx64.efi")), readPe(sample("addonx64.signed.efi"))];
    expect(signed.certificates).toEqual({ offset: 2048, size: 3576 - 2048 });
    expect(signed.authenticode()).toBe(plain.authenticode());
  });

  test("every byte counts but checksum, certificate entry and signature", () => {
    const bytes = sampleBytes("addonx64.signed.efi");
    const original = readPe(bytesSource("x", bytes)).authenticode();
    const header = bytes.readUInt32LE(60) + 24;
    const changed = (at: number): string => {
      const copy = Buffer.from(bytes);
      copy[at] = (copy[at] ?? 0) ^ 1;
      return readPe(bytesSource("x", copy)).authenticode();
    };
    for (const at of [header + 64, 2048 + 100]) expect(changed(at)).toBe(original);
    for (const at of [2, header + 16, 1024, 2047]) expect(changed(at)).not.toBe(original);
  });
});

test("cut anywhere it is a FormatError, when read or when digested", () => {
  const bytes = sampleBytes("addonx64.signed.efi");
  for (let length = 0; length < bytes.length; length += 13) {
    expect(() => readPe(bytesSource("cut.efi", bytes.subarray(0, length))).authenticode(), `cut at ${length}`).toThrow(FormatError);
  }
});

test("any byte of the headers damaged: read, or refused with a FormatError, never a crash", () => {
  const bytes = sampleBytes("addonx64.efi");
  for (let at = 0; at < 512; at++) {
    for (const value of [0, 0x7f, 0xff]) {
      const copy = Buffer.from(bytes);
      copy[at] = value;
      try {
        readPe(bytesSource("damaged.efi", copy)).authenticode();
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError);
      }
    }
  }
});

test.each([
  ["nothing", Buffer.alloc(0), /is no EFI program: it does not start with MZ/],
  ["text", Buffer.from("#!/bin/sh\n".repeat(20)), /is no EFI program: it does not start with MZ/],
  ["a DOS program", Buffer.concat([Buffer.from("MZ"), Buffer.alloc(200)]), /there is no PE signature at byte 0/],
])("refuses %s", (_, bytes, message) => {
  expect(() => readPe(bytesSource("some.file", bytes))).toThrow(message);
  expect(() => readPe(bytesSource("some.file", bytes))).toThrow(/^some\.file: /);
});

test("names machines", () => {
  expect([0x8664, 0xaa64, 0x5064, 0x14c, 0x1234].map(peMachineName)).toEqual(["x86_64", "aarch64", "riscv64", "i386", "PE machine 0x1234"]);
});
