import { resolve } from "node:path";
import { InputError } from "../model/errors.ts";
import type { ImageManifest } from "../model/image.ts";
import type { Architecture } from "../model/target.ts";
import type { RootTree } from "../model/tree.ts";
import { assertTree, diskTree, type TreeOptions } from "./disk-tree.ts";

/** An image of which a container is made: its manifest, and the folder its files are relative to. */
export interface TreeSource {
  readonly manifest: ImageManifest;
  readonly folder: string;
}

/** The root tree of one of the image's versions (default: the first). Throws InputError `OSB_NO_TREE` if it has none. */
export async function imageTree(image: TreeSource, options: TreeOptions, wanted?: string): Promise<RootTree> {
  return await diskTree(diskOf(image, wanted), options);
}

/** Throws what `imageTree` would of the image's first version, before anything is made of it. */
export async function assertTreeOf(image: TreeSource, arch: Architecture): Promise<void> {
  await assertTree(diskOf(image), arch);
}

function diskOf({ manifest, folder }: TreeSource, wanted?: string): { file: string; format: string } {
  const version = manifest.versions.find((candidate) => wanted === undefined || candidate.version === wanted);
  if (version?.disk !== undefined && manifest.form === "disk") return { file: resolve(folder, version.disk), format: version.format };
  const what = `nothing of ${manifest.image}, version ${wanted ?? version?.version ?? "any"}, holds a root tree (its form is ${manifest.form})`;
  throw new InputError([{ at: { flag: "--target" }, what, remedy: "A container is made of a disk with a root partition." }], "OSB_NO_TREE");
}
