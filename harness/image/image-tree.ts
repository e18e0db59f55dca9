import { existsSync, lstatSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { cacheFolder, requireSpace } from "../host/cache.ts";
import { keepNewest } from "../host/evict.ts";
import { withLock } from "../host/lock.ts";
import { HarnessError, InputError } from "../model/errors.ts";
import type { ImageManifest } from "../model/image.ts";
import type { Architecture } from "../model/target.ts";
import type { RootTree } from "../model/tree.ts";
import { assertTree, diskTree, type TreeOptions } from "./disk-tree.ts";
import { layRoot, readOci } from "./oci.ts";
import { treeFolder } from "./tree-archive.ts";

/** An image of which a container is made: its manifest, and the folder its files are relative to. */
export interface TreeSource {
  readonly manifest: ImageManifest;
  readonly folder: string;
}

const kept = 4;

/** What an init is looked for as. Source: systemd-nspawn(1), --boot. */
const inits = ["usr/lib/systemd/systemd", "lib/systemd/systemd", "sbin/init", "usr/sbin/init"];

/** The root tree of one of the image's versions (default: the first). Throws InputError `OSB_NO_TREE` if it has none, `OSB_OCI` for a wrong OCI layout. */
export async function imageTree(image: TreeSource, options: TreeOptions, wanted?: string): Promise<RootTree> {
  const found = await sourceOf(image, wanted, options.signal);
  if (found.kind === "disk") return await diskTree(found, options);
  const folder = found.kind === "rootfs" ? found.folder : await laidOut(found.folder, options);
  requireInit(folder, found.named);
  return { kind: "folder", folder };
}

/** Throws what `imageTree` would of the image's first version, as far as that can be told before anything is made of it. */
export async function assertTreeOf(image: TreeSource, arch: Architecture): Promise<void> {
  const found = await sourceOf(image);
  if (found.kind === "disk") await assertTree(found, arch);
  else if (found.kind === "oci") await readOci(found.folder, arch);
  else requireInit(found.folder, found.named);
}

/** `named` is what a user calls the folder: it, or the archive it came from. */
type Source = { kind: "disk"; file: string; format: string } | { kind: "oci" | "rootfs"; folder: string; named: string };

async function sourceOf({ manifest, folder }: TreeSource, wanted?: string, signal?: AbortSignal): Promise<Source> {
  const version = manifest.versions.find((candidate) => wanted === undefined || candidate.version === wanted);
  for (const kind of ["oci", "rootfs"] as const) {
    const tree = version?.[kind];
    if (tree === undefined || manifest.form !== kind) continue;
    const named = resolve(folder, tree);
    return { kind, folder: await treeFolder(named, { signal }), named };
  }
  if (version?.disk !== undefined && manifest.form === "disk")
    return { kind: "disk", file: resolve(folder, version.disk), format: version.format };
  const what = `nothing of ${manifest.image}, version ${wanted ?? version?.version ?? "any"}, holds a root tree (its form is ${manifest.form})`;
  const remedy = "A container is made of a disk with a root partition, an OCI layout or a folder that holds a root tree.";
  throw new InputError([{ at: { flag: "--target" }, what, remedy }], "OSB_NO_TREE");
}

/** The OCI layout of one of the image's versions (default: the first), whatever its form. Throws InputError `OSB_NO_TREE` if it has none. */
export async function ociFolder({ manifest, folder }: TreeSource, wanted?: string, signal?: AbortSignal): Promise<string> {
  const version = manifest.versions.find((candidate) => wanted === undefined || candidate.version === wanted);
  if (version?.oci !== undefined) return await treeFolder(resolve(folder, version.oci), { signal });
  const what = `version ${wanted ?? version?.version ?? "any"} of ${manifest.image} holds no OCI layout`;
  throw new InputError([{ at: { flag: "--target" }, what }], "OSB_NO_TREE");
}

function requireInit(root: string, named: string): void {
  if (!existsSync(join(root, "usr")) && !existsSync(join(root, "lib"))) {
    throw new InputError([{ at: { file: named }, what: "holds no root tree: neither /usr nor /lib is in it" }], "OSB_NO_TREE");
  }
  // A link may lead anywhere in the tree, which is not this process's root: that it is there must do.
  if (inits.some((name) => isThere(join(root, name)))) return;
  const remedy = "A system container starts the image's own init: an image for one application has none. In Debian: systemd-sysv.";
  throw new InputError([{ at: { file: named }, what: `holds no init: none of /${inits.join(", /")} is in it`, remedy }], "OSB_NO_INIT");
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/**
 * An image's layers, laid out once: the digest of its manifest names all there is in it. Throws InputError `OSB_OCI` for a wrong layout, HarnessError
 * `OSB_TREE_OWNERS` to who is not root.
 */
export async function laidOut(layout: string, { arch, signal }: Pick<TreeOptions, "arch" | "signal">): Promise<string> {
  const image = await readOci(layout, arch);
  if (process.getuid?.() !== 0) {
    const what = `${layout} cannot be laid out without permission to give its files their owners`;
    throw new HarnessError("OSB_TREE_OWNERS", what, {
      hint: "Only root may: use sudo. A tree whose files all belong to one user is another system.",
    });
  }
  const shelf = join(cacheFolder(), "trees");
  const folder = join(shelf, image.digest.slice(0, 16));
  await mkdir(shelf, { recursive: true });
  await withLock(`tree-${folder.slice(-16)}`, `laying out ${layout}`, { signal }, async () => {
    if (existsSync(folder)) return;
    await requireSpace(shelf, 4 * image.layers.reduce((sum, { size }) => sum + size, 0), `laying out ${layout}`);
    const draft = `${folder}.draft`;
    await rm(draft, { recursive: true, force: true });
    await mkdir(draft, { mode: 0o755 });
    try {
      await layRoot(image, draft);
      await rename(draft, folder);
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
  });
  await keepNewest(shelf, kept, [folder]);
  return folder;
}
