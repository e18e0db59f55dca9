import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Makes a short-lived folder for its caller to remove: `vm` for a machine's sockets, overlays and TPM state, `update` for what it is offered, ….
 * Its path is short, because a unix socket's holds 107 bytes. The owner's process id is in the name: folders of processes that died without
 * cleaning up are removed.
 */
export async function makeWorkspace(purpose: "vm" | "update" | "probe" | "bench" | "boot"): Promise<string> {
  await sweep();
  return await mkdtemp(join(tmpdir(), `osb-${purpose}-${process.pid}-`));
}

/** Every workspace of a purpose whose owner lives and is this user. */
export async function workspacesOf(purpose: Parameters<typeof makeWorkspace>[0]): Promise<string[]> {
  const found = (await readdir(tmpdir())).filter((name) => {
    const [, of, owner] = /^osb-([a-z]+)-(\d+)-/.exec(name) ?? [];
    return of === purpose && existsSync(`/proc/${owner}`);
  });
  const folders = found.map((name) => join(tmpdir(), name));
  const owners = await Promise.all(folders.map(async (folder) => (await stat(folder).catch(() => undefined))?.uid));
  return folders.filter((_, index) => owners[index] === process.getuid?.());
}

/** Removes what processes left that are no more. */
export async function sweep(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const owner = /^osb-[a-z]+-(\d+)-/.exec(name)?.[1];
    if (owner && !existsSync(`/proc/${owner}`)) await rm(join(tmpdir(), name), { recursive: true, force: true });
  }
}
