import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Makes a short-lived folder for its caller to remove: `vm` for a machine's sockets, overlays and TPM state, `update` for what it is offered, ….
 * Its path is short, because a unix socket's holds 107 bytes. The owner's process id is in the name: folders of processes that died without
 * cleaning up are removed.
 */
export async function makeWorkspace(purpose: "vm" | "update" | "probe" | "bench"): Promise<string> {
  await sweep();
  return await mkdtemp(join(tmpdir(), `osb-${purpose}-${process.pid}-`));
}

async function sweep(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const owner = /^osb-[a-z]+-(\d+)-/.exec(name)?.[1];
    if (owner && !existsSync(`/proc/${owner}`)) await rm(join(tmpdir(), name), { recursive: true, force: true });
  }
}
