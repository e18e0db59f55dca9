import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { imageManifest, type Image } from "../model/image.ts";
import { targetManifest, type TargetManifest } from "../model/target.ts";
import { misfitOfDisk as misfitOfMedia } from "./fitting.ts";
import { bootMedia } from "./media.ts";
import { bytesSource, type ByteSource } from "./source.ts";
import { survey } from "./survey.ts";
import { sampleBytes } from "./testdata/samples.ts";

let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "osbench-fitting-"));
  for (const name of ["disk-x86_64.raw", "disk-aarch64-4k.raw"]) await writeFile(join(folder, name), sampleBytes(name));
  // A jump, as boot sectors begin with one.
  await writeFile(
    join(folder, "disk-bios.raw"),
    Buffer.concat([Buffer.from([0xeb, 0x63, 0x90]), sampleBytes("disk-x86_64.raw").subarray(3)]),
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function image(version: Record<string, string>): Image {
  const manifest = imageManifest.parse({ image: "x", title: "x", architectures: ["x86_64"], versions: [{ version: "1", ...version }] });
  return { manifest, name: "x", folder, digest: "", architecture: "x86_64" };
}

const misfitOfDisk = (one: Image, put: TargetManifest) =>
  misfitOfMedia(bootMedia(one, undefined, put.disk["sector-size"]), put, one.manifest.certificates);

function target(keys: { "sector-size"?: 512 | 4096; firmware?: "uefi" | "bios"; features?: string[]; keys?: "none" }): TargetManifest {
  const { "sector-size": size = 512, firmware = "uefi", features = [], keys: given } = keys;
  const rest = { target: "t", title: "t", arch: "x86_64", machine: "q35" };
  return targetManifest.parse({
    ...rest,
    disk: { "sector-size": size },
    firmware: { type: firmware, features, ...(given && { keys: given }) },
  });
}

test("a disk fits a machine whose sectors are those its partition table is for", async () => {
  expect(await misfitOfDisk(image({ disk: "disk-x86_64.raw" }), target({}))).toBeUndefined();
  expect(await misfitOfDisk(image({ disk: "disk-aarch64-4k.raw" }), target({ "sector-size": 4096 }))).toBeUndefined();
});

test("a disk for sectors of another size fits no machine, and both sizes are said", async () => {
  expect(await misfitOfDisk(image({ disk: "disk-x86_64.raw" }), target({ "sector-size": 4096 }))).toBe(
    "sector-size: the image's partition table is for sectors of 512 bytes, the target's disks have 4096",
  );
  expect(await misfitOfDisk(image({ disk: "disk-aarch64-4k.raw" }), target({}))).toContain(
    "sectors of 4096 bytes, the target's disks have 512",
  );
});

test("an image that has a disk for large sectors gives that one to a machine that has them", async () => {
  const both = image({ disk: "disk-x86_64.raw", "disk-4096": "disk-aarch64-4k.raw" });
  expect(await misfitOfDisk(both, target({}))).toBeUndefined();
  expect(await misfitOfDisk(both, target({ "sector-size": 4096 }))).toBeUndefined();
});

test("a BIOS needs a program in the first sector", async () => {
  expect(await misfitOfDisk(image({ disk: "disk-x86_64.raw" }), target({ firmware: "bios" }))).toContain("bios: the first sector");
  expect(await misfitOfDisk(image({ disk: "disk-bios.raw" }), target({ firmware: "bios" }))).toBeUndefined();
});

test("a loader nobody signed is not for firmware that trusts only the keys it came with", async () => {
  const enforcing = target({ features: ["secure-boot", "enrolled-keys"] });
  const unsigned = image({ disk: "disk-x86_64.raw" });
  expect(await misfitOfDisk(unsigned, enforcing)).toBe(
    "secure-boot: EFI/BOOT/BOOTX64.EFI of the image is signed by nobody, and its image.yaml names no certificates to trust",
  );
  // In setup mode firmware trusts everybody; without any keys of its own it is in setup mode.
  expect(await misfitOfDisk(unsigned, target({ features: ["secure-boot", "enrolled-keys"], keys: "none" }))).toBeUndefined();
  expect(await misfitOfDisk(unsigned, target({ features: ["secure-boot"] }))).toBeUndefined();
});

test("what is said to be signed, or carries any signature, is for the firmware to refuse", async () => {
  const enforcing = target({ features: ["secure-boot", "enrolled-keys"] });
  const unsigned = image({ disk: "disk-x86_64.raw" });
  const promised = { ...unsigned, manifest: { ...unsigned.manifest, certificates: ["mine.crt"] } };
  expect(await misfitOfDisk(promised, enforcing)).toBeUndefined();
  await writeFile(join(folder, "disk-signed.raw"), withSignature(sampleBytes("disk-x86_64.raw")));
  expect(await misfitOfDisk(image({ disk: "disk-signed.raw" }), enforcing)).toBeUndefined();
});

/** The same disk, its loader's last eight bytes said to be its table of signatures (PE Format, "Optional Header Data Directories"). */
function withSignature(disk: Buffer): Buffer {
  const loader = survey(bytesSource("disk", disk)).programs.find(({ path }) => path === "/EFI/BOOT/BOOTX64.EFI")?.source as ByteSource;
  const at = disk.indexOf(loader.read(0, 512));
  const optionalHeader = at + disk.readUInt32LE(at + 0x3c) + 24;
  const signatures = optionalHeader + 112 + 4 * 8;
  disk.writeUInt32LE(loader.size - 8, signatures);
  disk.writeUInt32LE(8, signatures + 4);
  return disk;
}
