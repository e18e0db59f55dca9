import { existsSync } from "node:fs";
import { appendFile, mkdir, readdir, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, expect, test, vi } from "vitest";
import { temporaryFolder } from "../../model/testdata/temporary.ts";
import { processMark } from "../../host/process-mark.ts";
import type { MomentFacts } from "./facts.ts";
import { makeRoom, storedMoments } from "./room.ts";
import { bootOfHost, discard, leaseOf, markSafe, newFolder, publish, shelfFolder, sweep, take } from "./shelf.ts";

/** A process that has ended: its number may be taken again, its beginning not. */
const dead = `${process.pid}-1`;

beforeEach(() => void vi.stubEnv("XDG_CACHE_HOME", temporaryFolder()));

async function saved(digest: string, change: Partial<MomentFacts> = {}): Promise<string> {
  const folder = await newFolder(digest.slice(0, 16));
  const path = join(folder, "ram");
  await writeFile(path, "memory".repeat(1000));
  const { size, mtimeMs } = await stat(path);
  await publish(folder, {
    ...{ schema: 1, name: "booted", digest, saved: new Date().toISOString(), image: "i", target: "t", memoryMiB: 1 },
    ...{ hostBoot: await bootOfHost(), privateKey: "", guest: { boots: [{ number: 1 }], phase: "ready" }, spec: {} },
    files: [{ path, bytes: size, mtimeMs }],
    ...change,
  });
  return folder;
}

const digest = "a".repeat(64);

test("a moment is found by all that made it, and by nothing less", async () => {
  const folder = await saved(digest);
  expect(await take("b".repeat(64))).toBeUndefined();
  expect(await take("a".repeat(63) + "b")).toBeUndefined();
  const found = await take(digest);
  expect(found?.folder).toBe(folder);
  await found?.release();
});

test("what was not published is nobody's, and goes with the process that made it", async () => {
  const folder = await newFolder(digest.slice(0, 16));
  expect(await take(digest)).toBeUndefined();
  await sweep();
  expect(existsSync(folder)).toBe(true);
  await writeFile(join(folder, "owner"), dead);
  await mkdir(join(shelfFolder(), `.gone-${dead}-0`));
  await mkdir(join(shelfFolder(), `.new-${dead}-0`));
  await sweep();
  expect(await readdir(shelfFolder())).toEqual([]);
});

test.each([
  ["grew", async (file: string) => await appendFile(file, "more")],
  ["was written to", async (file: string) => await utimes(file, new Date(), new Date(Date.now() + 1000))],
  ["is gone", async (file: string) => await writeFile(file, "")],
])("a moment whose file %s is thrown away", async (_, damage) => {
  const folder = await saved(digest);
  await damage(join(folder, "ram"));
  expect(await take(digest)).toBeUndefined();
  expect(existsSync(folder)).toBe(false);
});

test("after a crash of the host only what was on the disk for sure counts", async () => {
  await saved(digest, { hostBoot: "another" });
  expect(await take(digest)).toBeUndefined();
  await markSafe(await saved(digest, { hostBoot: "another" }));
  expect(await take(digest)).toBeDefined();
});

test("nobody takes away what is in use, and a user that was killed holds nothing", async () => {
  const folder = await saved(digest);
  const lease = await leaseOf(folder);
  expect(await discard(folder)).toBe(false);
  await lease?.release();
  await writeFile(join(folder, `user-${dead}-0`), "");
  expect(await discard(folder)).toBe(true);
  expect(await leaseOf(folder)).toBeUndefined();
  expect(await readdir(shelfFolder())).toEqual([]);
});

test("of many who want a moment and one who takes it away, each has it whole or not at all", async () => {
  for (let round = 0; round < 20; round++) {
    const folder = await saved(digest);
    const taking = Array.from({ length: 5 }, () => take(digest));
    const [gone, ...found] = await Promise.all([discard(folder), ...taking]);
    const got = found.filter((one) => one !== undefined);
    expect(existsSync(join(folder, "ram"))).toBe(!gone);
    if (gone) expect(got).toEqual([]);
    for (const one of got) await one.release();
    await discard(folder);
  }
});

test("what was used longest ago goes first, until there is room", async () => {
  const folders = [];
  for (const [index, letter] of ["c", "d", "e"].entries()) {
    const folder = await saved(letter.repeat(64));
    await utimes(join(folder, "moment.json"), new Date(), new Date(Date.now() - (3 - index) * 60_000));
    folders.push(folder);
  }
  const each = (await storedMoments())[0]?.bytes ?? 0;
  expect(each).toBeGreaterThan(6000);
  const lease = await leaseOf(folders[0] as string);
  expect(await makeRoom(each, 3 * each)).toBeUndefined();
  expect((await storedMoments()).map(({ folder }) => folder)).toEqual([folders[2], folders[0]]);
  await lease?.release();
  await makeRoom(each, 2 * each);
  expect((await storedMoments()).map(({ folder }) => folder)).toEqual([folders[2]]);
});

test("what nobody used for weeks goes, and what does not fit is said", async () => {
  const folder = await saved(digest);
  await utimes(join(folder, "moment.json"), new Date(), new Date(Date.now() - 30 * 86_400_000));
  expect(await makeRoom(2 ** 60)).toMatch(/MiB free, a moment may need/);
  expect(existsSync(folder)).toBe(false);
});

test("a process is told from a later one of the same number", () => {
  expect(processMark()).toMatch(new RegExp(`^${process.pid}-\\d+$`));
  expect(processMark(1 << 22)).toBeUndefined();
});
