import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { imageManifest, type Image } from "../model/image.ts";
import { targetManifest, type TargetManifest } from "../model/target.ts";
import { misfitOfDisk as misfitOfMedia } from "./fitting.ts";
import { bootMedia } from "./media.ts";
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

const misfitOfDisk = (one: Image, put: TargetManifest) => misfitOfMedia(bootMedia(one, undefined, put.disk["sector-size"]), put);

function target(keys: { "sector-size"?: 512 | 4096; firmware?: "uefi" | "bios" }): TargetManifest {
  const { "sector-size": size = 512, firmware = "uefi" } = keys;
  const rest = { target: "t", title: "t", arch: "x86_64", machine: "q35" };
  return targetManifest.parse({ ...rest, disk: { "sector-size": size }, firmware: { type: firmware } });
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
