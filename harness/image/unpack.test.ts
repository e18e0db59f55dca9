import { execFileSync } from "node:child_process";
import { readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { beforeEach, expect, test, vi } from "vitest";
import { temporaryFolder } from "../model/testdata/temporary.ts";
import { findImage } from "./manifest.ts";
import { unpacked } from "./unpack.ts";

const mebibyte = 2 ** 20;
let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
  vi.stubEnv("XDG_CACHE_HOME", join(folder, "cache"));
});

/** A disk that is mostly zeros, with something at both ends. */
const disk = Buffer.alloc(24 * mebibyte);
disk.write("QFI\xfb", 0, "latin1");
disk.write("the end", disk.length - 7, "latin1");

const packers: Readonly<Record<string, (file: string) => Buffer>> = {
  gz: () => gzipSync(disk),
  zst: () => zstdCompressSync(disk),
  xz: (file) => {
    writeFileSync(file, disk);
    return execFileSync("xz", ["--stdout", "-0", file], { maxBuffer: disk.length });
  },
};

function packed(kind: string): string {
  const file = join(folder, `disk.qcow2.${kind}`);
  writeFileSync(file, packers[kind]!(join(folder, "plain")));
  return file;
}

test.each(Object.keys(packers))("a disk packed with %s is unpacked once, its zeros taking no room", async (kind) => {
  const file = packed(kind);
  const said: string[] = [];
  const options = { flag: "--image", progress: (line: string) => void said.push(line) };
  const content = await unpacked(file, options);
  expect(basename(content)).toBe("disk.qcow2");
  expect(readFileSync(content).equals(disk)).toBe(true);
  expect(statSync(content).blocks * 512).toBeLessThan(mebibyte);
  expect(await unpacked(file, options)).toBe(content);
  expect(said).toHaveLength(1);
});

test.each(Object.keys(packers))("a file packed with %s that was cut short is refused, and nothing of it is kept", async (kind) => {
  const file = packed(kind);
  truncateSync(file, statSync(file).size - 9);
  for (const _ of [1, 2])
    await expect(unpacked(file, { flag: "--image" })).rejects.toThrow(/--image: .*disk\.qcow2\..* cannot be unpacked/);
});

test("a file that is not packed stays where it is, and a packed one is an image like any other", async () => {
  const plain = join(folder, "plain.raw");
  writeFileSync(plain, disk);
  expect(await unpacked(plain, { flag: "--image" })).toBe(plain);
  const { manifest } = await findImage(packed("gz"));
  expect(manifest.versions[0]).toMatchObject({ disk: "disk.qcow2", format: "qcow2" });
});
