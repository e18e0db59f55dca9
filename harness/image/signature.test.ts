import { expect, test } from "vitest";
import { readPe } from "./pe.ts";
import { readSignatures } from "./signature.ts";
import { bytesSource, FormatError } from "./source.ts";
import { sampleBytes } from "./testdata/samples.ts";

const signaturesOf = (bytes: Uint8Array) => {
  const source = bytesSource("x.efi", bytes);
  return readSignatures(source, readPe(source));
};

test("says who signed a program, by name and by the certificate's fingerprint", () => {
  const fingerprint = "281b3530dc0678dfe4b90f68e91730720e9f3dc3ba35e12c4a60ff66c8d6c093";
  const key = "8d8bdc4bd50d24c9c25693440b6221b4ae4e8c300d76fb9dfc1ab6e855f6f90c";
  expect(signaturesOf(sampleBytes("addonx64.signed.efi"))).toEqual([
    { subject: "CN=sample", issuer: "CN=sample", fingerprint, certificates: [{ subject: "CN=sample", fingerprint, key }], matches: true },
  ]);
  expect(signaturesOf(sampleBytes("addonx64.efi"))).toEqual([]);
});

test("a program that was changed after it was signed is told from one that was not", () => {
  const bytes = sampleBytes("addonx64.signed.efi");
  const { offset } = readPe(bytesSource("x", bytes)).sections[0] ?? { offset: 0 };
  bytes[offset] = (bytes[offset] ?? 0) ^ 1;
  expect(signaturesOf(bytes)).toMatchObject([{ subject: "CN=sample", matches: false }]);
});

test("a damaged signature is said to be damaged, wherever the damage is", () => {
  const whole = sampleBytes("addonx64.signed.efi");
  const { offset, size } = readPe(bytesSource("x", whole)).certificates ?? { offset: 0, size: 0 };
  for (let at = offset; at < offset + size; at += 7) {
    const bytes = Buffer.from(whole);
    bytes[at] = (bytes[at] ?? 0) ^ 0x55;
    try {
      signaturesOf(bytes);
    } catch (error) {
      expect(error).toBeInstanceOf(FormatError);
    }
  }
});
