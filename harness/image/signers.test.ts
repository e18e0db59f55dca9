import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { readPe } from "./pe.ts";
import { signersOf } from "./signers.ts";
import { bytesSource } from "./source.ts";
import { sample, sampleBytes } from "./testdata/samples.ts";

const signed = "addonx64.signed.efi";

test("who signed a program is what openssl reads from its signature", () => {
  const pe = readPe(sample(signed));
  const signature = sampleBytes(signed).subarray(pe.certificates!.offset + 8);
  const openssl = (argv: string[], input: Buffer | string) => execFileSync("openssl", argv, { input, encoding: "utf8" });
  const certificate = openssl(["pkcs7", "-inform", "DER", "-print_certs"], signature);
  const fingerprint = openssl(["x509", "-noout", "-fingerprint", "-sha256"], certificate).split("=")[1]!.trim();
  const publicKey = execFileSync("openssl", ["pkey", "-pubin", "-outform", "DER"], {
    input: openssl(["x509", "-noout", "-pubkey"], certificate),
  });
  const key = execFileSync("openssl", ["dgst", "-sha256", "-r"], { input: publicKey, encoding: "utf8" }).slice(0, 64);
  expect(signersOf(sample(signed), pe)).toEqual([
    { subject: "CN=sample", certificate: fingerprint.replaceAll(":", "").toLowerCase(), key },
  ]);
});

test("a program without a signature has no signer", () => {
  expect(signersOf(sample("addonx64.efi"), readPe(sample("addonx64.efi")))).toEqual([]);
});

test("any damage to a signature ends in words, never in an endless loop or a crash", () => {
  const bytes = sampleBytes(signed);
  const { certificates } = readPe(sample(signed));
  for (let at = certificates!.offset; at < certificates!.offset + 400; at++) {
    for (const value of [0x00, 0x80, 0x84, 0xff]) {
      const copy = Buffer.from(bytes);
      copy[at] = value;
      const source = bytesSource("damaged.efi", copy);
      try {
        signersOf(source, { certificates });
      } catch (error) {
        expect((error as Error).message).toMatch(/^damaged\.efi: has signatures that cannot be read: /);
      }
    }
  }
});
