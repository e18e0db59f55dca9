import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { ToolsPlace } from "../model/context.ts";
import { temporaryFolder } from "../model/testdata/temporary.ts";
import { proveAccelerator } from "./accelerator.ts";
import { openTools } from "./toolbox.ts";

let toolbox: ToolsPlace;
let cache: string;

beforeAll(async () => {
  toolbox = await openTools("toolbox");
}, 600_000);

beforeEach(() => {
  cache = temporaryFolder();
  vi.stubEnv("XDG_CACHE_HOME", cache);
});
afterEach(() => vi.unstubAllEnvs());

test("an accelerator is proven by firmware that speaks, and the proof is remembered until the host reboots", async () => {
  const shelf = join(cache, "osbench/accelerators");
  await mkdir(shelf, { recursive: true });
  await writeFile(join(shelf, "another-boot_toolbox_1_x86_64_kvm.json"), "{}");
  const proof = await proveAccelerator(toolbox, "x86_64");
  expect(proof.reason).toMatch(new RegExp(`${proof.accelerator}: firmware spoke after [\\d.]+ s$`));
  expect(await readdir(shelf)).toHaveLength(1);
  const started = performance.now();
  expect(await proveAccelerator(toolbox, "x86_64")).toEqual(proof);
  expect(performance.now() - started).toBeLessThan(500);
}, 120_000);

test("a proof can be given up", async () => {
  const controller = new AbortController();
  const proving = proveAccelerator(toolbox, "x86_64", { signal: controller.signal });
  setTimeout(() => controller.abort(new Error("enough")), 300);
  await expect(proving).rejects.toThrow("enough");
});
