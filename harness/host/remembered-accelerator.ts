import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Accelerator } from "../model/context.ts";
import type { Architecture } from "../model/target.ts";
import { cachePath } from "./cache.ts";

/** What `proveAccelerator` last found for an architecture since the host started; undefined if it was not asked. Tries nothing. */
export async function rememberedAccelerator(arch: Architecture): Promise<Accelerator | undefined> {
  const shelf = join(cachePath(), "accelerators");
  const boot = (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
  const names = await readdir(shelf).catch(() => []);
  const name = names.find((one) => one.startsWith(`${boot}_`) && new RegExp(`_${arch}_(no-)?kvm\\.json$`).test(one));
  if (name === undefined) return undefined;
  try {
    const { accelerator } = JSON.parse(await readFile(join(shelf, name), "utf8")) as { accelerator?: Accelerator };
    return accelerator;
  } catch {
    return undefined;
  }
}
