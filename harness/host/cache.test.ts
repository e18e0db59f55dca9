import { existsSync } from "node:fs";
import { mkdir, readdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { HarnessError, InputError } from "../model/errors.ts";
import { temporaryFolder } from "../model/testdata/temporary.ts";
import { cacheFolder, cachePath, remember, requireSpace, writeWhole } from "./cache.ts";
import { keepNewest } from "./evict.ts";

let folder: string;
beforeEach(() => void (folder = temporaryFolder()));
afterEach(() => vi.unstubAllEnvs());

test("the cache lies where XDG says, and a relative XDG_CACHE_HOME is ignored", () => {
  vi.stubEnv("XDG_CACHE_HOME", folder);
  expect(cachePath()).toBe(join(folder, "osbench"));
  vi.stubEnv("XDG_CACHE_HOME", "relative");
  vi.stubEnv("HOME", "/home/someone");
  expect(cachePath()).toBe("/home/someone/.cache/osbench");
});

test("a cache that cannot be made is the user's to fix, and says how", async () => {
  await writeFile(join(folder, "file"), "");
  vi.stubEnv("XDG_CACHE_HOME", join(folder, "file"));
  expect(() => cacheFolder()).toThrow(InputError);
  expect(() => cacheFolder()).toThrow(/cannot be used: .*\n.*XDG_CACHE_HOME=/);
});

test("too little space is said before it runs out", async () => {
  await requireSpace(folder, 1, "a byte");
  await expect(requireSpace(folder, 2 ** 60, "the moon")).rejects.toThrow(HarnessError);
  await expect(requireSpace(folder, 2 ** 60, "the moon")).rejects.toThrow(
    /^the moon needs \d+ MiB, the file system of .* has \d+ MiB free/,
  );
});

test("an answer that is not worth keeping is given, not kept, and not believed where it was kept", async () => {
  const file = join(folder, "answer.json");
  const complete = (answer: { a?: number }) => answer.a !== undefined;
  expect(await remember(file, async () => ({}), complete)).toEqual({});
  expect(existsSync(file)).toBe(false);
  await writeFile(file, "{}");
  expect(await remember(file, async () => ({ a: 1 }), complete)).toEqual({ a: 1 });
  expect(await remember(file, async () => ({ a: 2 }), complete)).toEqual({ a: 1 });
});

test("remembers an answer, and makes it again when the file is damaged", async () => {
  const file = join(folder, "deep", "answer.json");
  let made = 0;
  const make = () => Promise.resolve({ made: ++made });
  expect(await remember(file, make)).toEqual({ made: 1 });
  expect(await remember(file, make)).toEqual({ made: 1 });
  await writeFile(file, '{"made":');
  expect(await remember(file, make)).toEqual({ made: 2 });
});

test("writing whole leaves no draft behind", async () => {
  await Promise.all(["a", "b", "c"].map((text) => writeWhole(join(folder, "file"), text)));
  expect(await readdir(folder)).toEqual(["file"]);
});

test("eviction keeps the newest and whatever is in use, and takes their facts along", async () => {
  for (const [index, name] of ["old", "older", "oldest", "new"].entries()) {
    await mkdir(join(folder, name));
    await mkdir(join(folder, `${name}.facts`));
    const time = name === "new" ? 1000 : 900 - index;
    await utimes(join(folder, name), time, time);
  }
  await keepNewest(folder, 2, [join(folder, "oldest")]);
  expect((await readdir(folder)).sort()).toEqual(["new", "new.facts", "oldest", "oldest.facts"]);
  expect(existsSync(join(folder, "old"))).toBe(false);
});
