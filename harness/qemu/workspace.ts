import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const prefix = "osb-vm-";

/**
 * A short-lived folder for one machine's sockets, overlays and TPM state. Short, because a unix socket's path holds
 * 107 bytes. The owner's process id is in the name: folders of processes that died without cleaning up are removed.
 */
export async function makeWorkspace(): Promise<string> {
  await sweep();
  return await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`));
}

async function sweep(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const owner = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1];
    if (owner && !existsSync(`/proc/${owner}`)) await rm(join(tmpdir(), name), { recursive: true, force: true });
  }
}
