import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { runTool } from "../host/tools.ts";
import { makeWorkspace } from "../host/workspace.ts";
import type { Machine } from "../machine/machine.ts";
import type { ToolsPlace } from "../model/context.ts";
import { NotApplicable } from "../model/errors.ts";

/** How the file systems extensions are made of are taken apart, by blkid's name of them. */
const unpackers: Readonly<Record<string, (file: string, folder: string) => string[]>> = {
  erofs: (file, folder) => ["fsck.erofs", `--extract=${folder}`, file],
  squashfs: (file, folder) => ["unsquashfs", "-q", "-n", "-d", folder, file],
};

/**
 * Puts an extension where the machine's tool searches: the image itself, or, where the machine has no loop device to mount one from, the folder
 * that is in it, which the tool takes as well (systemd-sysext(8)). Throws NotApplicable for an image that cannot be taken apart.
 */
export async function putExtension(machine: Machine, tools: ToolsPlace | undefined, file: string, place: string): Promise<void> {
  if (tools === undefined || (await machine.run("test -e /dev/loop-control")).code === 0) {
    await machine.upload(file, `${place}.raw`);
    return;
  }
  const { stdout } = await runTool(tools, ["blkid", "-p", "-s", "TYPE", "-o", "value", file]);
  const unpack = unpackers[stdout.trim()];
  if (!unpack)
    throw new NotApplicable("loop-devices", `the machine has no /dev/loop-control to mount ${file} from, and it is no plain file system`);
  const work = await makeWorkspace("update");
  try {
    const tree = join(work, "tree");
    const archive = join(work, "tree.tar");
    await mkdir(tree);
    await runTool(tools, unpack(file, tree), { signal: machine.signal });
    // systemd takes such a folder, unlike an image, for an OS of its own, and gives up on all extensions.
    if (["usr/lib/os-release", "etc/os-release"].some((name) => existsSync(join(tree, name))))
      throw new NotApplicable(
        "loop-devices",
        `the machine has no /dev/loop-control to mount ${file} from, and as a folder it would be another claim`,
      );
    await runTool(tools, ["tar", "-C", tree, "--numeric-owner", "-cf", archive, "."], { signal: machine.signal });
    await machine.upload(archive, `${place}.tar`);
    const { code, stderr } = await machine.run(
      `rm -rf '${place}' && mkdir '${place}' && tar -xf '${place}.tar' -C '${place}' && rm '${place}.tar'`,
    );
    if (code !== 0) throw new NotApplicable("loop-devices", `the machine cannot unpack an extension either: ${stderr.trim()}`);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
