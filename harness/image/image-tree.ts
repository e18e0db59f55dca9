import { resolve } from "node:path";
import { InputError } from "../model/errors.ts";
import type { ImageManifest } from "../model/image.ts";
import type { RootTree } from "../model/tree.ts";
import { diskTree, type TreeOptions } from "./disk-tree.ts";

/** An image of which a container is made: its manifest, and the folder its files are relative to. */
export interface TreeSource {
  readonly manifest: ImageManifest;
  readonly folder: string;
}

/** The root tree of one of the image's versions (default: the first). Throws InputError `OSB_NO_TREE` if it has none. */
export async function imageTree({ manifest, folder }: TreeSource, options: TreeOptions, wanted?: string): Promise<RootTree> {
  const version = manifest.versions.find((candidate) => wanted === undefined || candidate.version === wanted);
  if (version?.disk !== undefined && manifest.form === "disk")
    return await diskTree({ file: resolve(folder, version.disk), format: version.format }, options);
  const what = `of ${manifest.image}, version ${wanted ?? version?.version ?? "any"}, there is nothing that holds a root tree (form ${manifest.form})`;
  throw new InputError([{ at: { flag: "--target" }, what, remedy: "A container is made of a disk with a root partition." }], "OSB_NO_TREE");
}
