import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cacheFolder } from "../host/cache.ts";
import { openTools } from "../host/toolbox.ts";
import type { ToolsPlace } from "../model/context.ts";
import { restockTpms, takeTpm } from "./tpm-stock.ts";

// Banks no target asks for: this shelf is the test's own.
const banks = ["sha1", "sha384"] as const;
const { signal } = new AbortController();
let tools: ToolsPlace;
let folder: string;
let shelf: string;

beforeAll(async () => {
  tools = await openTools("toolbox");
  folder = await mkdtemp(join(tmpdir(), "osbench-stock-"));
  shelf = join(cacheFolder(), "tpm", tools.digest as string, "sha1+sha384");
  await rm(shelf, { recursive: true, force: true });
}, 600_000);
afterAll(async () => {
  for (const made of [folder, shelf]) await rm(made, { recursive: true, force: true });
});

async function take(name: string): Promise<string> {
  const state = join(folder, name);
  await takeTpm(tools, state, banks, signal);
  return createHash("sha256")
    .update(await readFile(join(state, "tpm2-00.permall")))
    .digest("hex");
}

test("no two machines get the same TPM, from the stock or beyond it", { timeout: 60_000 }, async () => {
  await mkdir(shelf, { recursive: true });
  // What a process left that died while it made one; no process has this number.
  await mkdir(join(shelf, ".draft-4194305-x"));
  await restockTpms(tools, banks);
  const ready = await readdir(shelf);
  expect(ready).toHaveLength(4);

  const taken = await Promise.all(["a", "b", "c", "d", "e", "f"].map(take));
  expect(new Set(taken).size).toBe(6);
  expect(await readdir(shelf)).toEqual([]);

  await restockTpms(tools, banks);
  expect(await readdir(shelf)).toHaveLength(4);
});
