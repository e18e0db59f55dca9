import { execFileSync } from "node:child_process";
import { copyFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../model/testdata/temporary.ts";
import { sha256File } from "../host/sha256.ts";
import { imageManifest } from "../model/image.ts";
import { identityOf } from "./identity.ts";
import { readPe } from "./pe.ts";
import { authenticodeOf, sample, sampleBytes } from "./testdata/samples.ts";

const signed = "addonx64.signed.efi";
const testdata = path.join(import.meta.dirname, "testdata");

const identity = (folder: string, ...versions: { version: string; uki?: string; disk?: string }[]) =>
  identityOf({ folder, manifest: imageManifest.parse({ image: "x", title: "x", architectures: ["x86_64"], versions }) });

test("who signed a UKI is what openssl reads from its signature", async () => {
  const pe = readPe(sample(signed));
  const signature = sampleBytes(signed).subarray(pe.certificates!.offset + 8);
  const openssl = (argv: string[], input: Buffer | string) => execFileSync("openssl", argv, { input, encoding: "utf8" });
  const certificate = openssl(["pkcs7", "-inform", "DER", "-print_certs"], signature);
  const fingerprint = openssl(["x509", "-noout", "-fingerprint", "-sha256"], certificate).split("=")[1]!.trim();
  const publicKey = execFileSync("openssl", ["pkey", "-pubin", "-outform", "DER"], {
    input: openssl(["x509", "-noout", "-pubkey"], certificate),
  });
  const key = execFileSync("openssl", ["dgst", "-sha256", "-r"], { input: publicKey, encoding: "utf8" }).slice(0, 64);
  const signers = [{ subject: "CN=sample", certificate: fingerprint.replaceAll(":", "").toLowerCase(), key }];
  const sha256 = await sha256File(path.join(testdata, signed));
  expect(await identity(testdata, { version: "1", uki: signed })).toEqual([
    {
      version: "1",
      artefacts: [{ path: signed, sha256 }],
      ukis: [{ path: signed, sha256, authenticode: authenticodeOf(signed), signers }],
    },
  ]);
});

test("files that are not there, or are no UKI, leave what is known of the others", async () => {
  const folder = temporaryFolder();
  copyFileSync(import.meta.filename, path.join(folder, "text.efi"));
  const [missing, text] = await identity(folder, { version: "1", uki: "gone.efi" }, { version: "2", uki: "text.efi" });
  expect(missing).toEqual({ version: "1", artefacts: [] });
  expect(text).toEqual({ version: "2", artefacts: [{ path: "text.efi", sha256: await sha256File(import.meta.filename) }] });
});
