import { createHash } from "node:crypto";
import { mkdir, readFile, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolderOfFile } from "../model/testdata/temporary.ts";
import { makeHoles } from "./holes.ts";

const MiB = 2 ** 20;
const folder = temporaryFolderOfFile();
const sum = async (file: string) =>
  createHash("sha256")
    .update(await readFile(file))
    .digest("hex");

test.each([
  ["a firmware's volume and zeros behind it", "CODE.fd", 3 * MiB - 5, 32 * MiB, 3 * MiB],
  ["one that is small anyway", "OVMF.fd", 1 * MiB, 4 * MiB, 4 * MiB],
  ["one that is full", "FULL.fd", 16 * MiB, 16 * MiB, 16 * MiB],
  ["another kind of file", "disk.img", 1 * MiB, 32 * MiB, 32 * MiB],
])("%s holds the same, and takes no more than it must", async (_, name, bytes, size, room) => {
  const file = join(folder, "deep", name);
  await mkdir(join(folder, "deep"), { recursive: true });
  await writeFile(file, Buffer.concat([Buffer.alloc(bytes, 0xff), Buffer.alloc(size - bytes)]));
  await utimes(file, 1000, 2000);
  const before = await sum(file);
  await makeHoles(folder);
  expect(await sum(file)).toBe(before);
  const { blocks, mtimeMs } = await stat(file);
  expect(blocks * 512).toBe(room);
  expect(mtimeMs).toBe(2_000_000);
});
