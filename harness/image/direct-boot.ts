import { constants } from "node:fs";
import { copyFile, mkdir, rename, rm, stat, utimes } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { cacheFolder, requireSpace } from "../host/cache.ts";
import { keepNewest } from "../host/evict.ts";
import { withLock } from "../host/lock.ts";
import { sha256 } from "../host/sha256.ts";
import { runTool } from "../host/tools.ts";
import { architectureFacts } from "../model/architecture.ts";
import type { BootMedia } from "../model/media.ts";
import type { TreeOptions } from "./disk-tree.ts";
import { laidOut, ociFolder, type TreeSource } from "./image-tree.ts";
import { kernelFilesOf } from "./kernel-files.ts";
import { readOci } from "./oci.ts";

const kept = 8;

/** Changes when what is made of the same image does. */
const edition = 1;

/**
 * What a machine is started from with a version of a bootable container: its kernel and initrd, handed over beside the firmware, and its root as an erofs on
 * the first disk, over which the image's own systemd lays a writable layer in memory. Made once for each image and kept in the cache. Throws
 * InputError `OSB_NO_KERNEL` for an image without, `OSB_OCI` for a wrong layout. Source: systemd-volatile-root.service(8).
 */
export async function directBoot(image: TreeSource, options: TreeOptions, wanted?: string): Promise<BootMedia> {
  const layout = await ociFolder(image, wanted, options.signal);
  const { digest } = await readOci(layout, options.arch);
  const shelf = join(cacheFolder(), "direct");
  const folder = join(shelf, sha256(`${edition} ${digest}`).slice(0, 16));
  const uuid = uuidOf(digest);
  await mkdir(shelf, { recursive: true });
  await withLock(`direct-${basename(folder)}`, `making a root file system of ${layout}`, { signal: options.signal }, async () => {
    const info = await stat(folder).catch(() => undefined);
    if (info === undefined) await make(layout, folder, uuid, options);
  });
  const now = new Date();
  await utimes(folder, now, now);
  await keepNewest(shelf, kept, [folder]);
  const { serial } = architectureFacts[options.arch];
  return {
    disks: [{ file: join(folder, "root.erofs"), format: "raw" }],
    discs: [],
    kernel: {
      file: join(folder, "kernel"),
      initrd: join(folder, "initrd"),
      // By what it says of itself: which disk it becomes depends on the machine.
      commandLine: `root=UUID=${uuid} rootfstype=erofs ro systemd.volatile=overlay console=${serial}`,
    },
  };
}

async function make(layout: string, folder: string, uuid: string, { tools, arch, signal }: TreeOptions): Promise<void> {
  const tree = await laidOut(layout, { arch, signal });
  const { kernel, initrd } = await kernelFilesOf(tree, layout);
  const draft = `${folder}.draft`;
  await requireSpace(dirname(folder), 2 ** 30, `making a root file system of ${layout}`);
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft);
  try {
    await copyFile(kernel, join(draft, "kernel"), constants.COPYFILE_FICLONE);
    await copyFile(initrd, join(draft, "initrd"), constants.COPYFILE_FICLONE);
    // Not compressed: what is read once is cheaper to read than to unpack in an emulated machine.
    const argv = ["mkfs.erofs", "--quiet", "--preserve-mtime", "-U", uuid, join(draft, "root.erofs"), tree];
    await runTool(tools, argv, { signal, timeoutMs: 600_000 });
    await rename(draft, folder);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** A UUID made of a digest, of version 8. Source: RFC 9562, section 5.8. */
function uuidOf(digest: string): string {
  return `${digest.slice(0, 8)}-${digest.slice(8, 12)}-8${digest.slice(13, 16)}-8${digest.slice(17, 20)}-${digest.slice(20, 32)}`;
}
