import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ToolsPlace } from "../model/context.ts";
import type { PcrBank } from "../model/target.ts";
import { cacheFolder } from "../host/cache.ts";
import { keepNewest } from "../host/evict.ts";
import { manufactureTpm } from "./swtpm.ts";

/** Machines seldom start more at once than a host has room for; one that finds nothing waits for its own TPM, no more. */
const inStock = 4;

/**
 * Gives a machine a TPM nobody had before: one from the stock, or, if there is none, one that is made now (0.3 s of five processes).
 * Throws HarnessError `OSB_TOOL` if it cannot be made.
 */
export async function takeTpm(tools: ToolsPlace, stateFolder: string, banks: readonly PcrBank[], signal: AbortSignal): Promise<void> {
  const shelf = shelfOf(tools, banks);
  for (const name of shelf === undefined ? [] : await readyOn(shelf)) {
    // Only one can move it; and only within one file system.
    const taken = await rename(join(shelf as string, name), stateFolder).then(
      () => true,
      () => false,
    );
    if (taken) return;
  }
  await manufactureTpm(tools, stateFolder, banks, signal);
}

/** Makes TPMs until the stock is full again. Never throws: without a stock machines only start later. */
export async function restockTpms(tools: ToolsPlace, banks: readonly PcrBank[]): Promise<void> {
  const shelf = shelfOf(tools, banks);
  if (shelf === undefined) return;
  try {
    await mkdir(shelf, { recursive: true });
    await removeAbandoned(shelf);
    for (let ready = (await readyOn(shelf)).length; ready < inStock; ready++) {
      const draft = join(shelf, `.draft-${process.pid}-${randomUUID()}`);
      await manufactureTpm(tools, draft, banks, new AbortController().signal, { background: true });
      await rename(draft, join(shelf, randomUUID()));
    }
    await keepNewest(dirname(dirname(shelf)), 2, [dirname(shelf)]);
  } catch {
    // A full disk, a cache that is being deleted, a run that ends: the next machine makes its own.
  }
}

/** Only the toolbox's swtpm is known well enough to take up what it left. */
function shelfOf({ digest }: ToolsPlace, banks: readonly PcrBank[]): string | undefined {
  return digest === undefined ? undefined : join(cacheFolder(), "tpm", digest, [...banks].sort().join("+") || "none");
}

async function readyOn(shelf: string): Promise<string[]> {
  return (await readdir(shelf).catch(() => [])).filter((name) => !name.startsWith("."));
}

async function removeAbandoned(shelf: string): Promise<void> {
  for (const name of await readdir(shelf)) {
    const owner = /^\.draft-(\d+)-/.exec(name)?.[1];
    if (owner !== undefined && !existsSync(`/proc/${owner}`)) await rm(join(shelf, name), { recursive: true, force: true });
  }
}
