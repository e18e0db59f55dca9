import { stat } from "node:fs/promises";
import { join } from "node:path";
import { InputError } from "../model/errors.ts";
import { architectures } from "../model/target.ts";
import type { ImageInspection, Startable } from "./inspection.ts";
import { carriesKernel, readOci, type OciImage } from "./oci.ts";

/** Inspects what a container is made of, in a folder or an archive of which `folder` is what it holds; undefined for what is neither an OCI layout nor a root tree. */
export async function inspectContainer(path: string, folder: string): Promise<ImageInspection | undefined> {
  const has = async (name: string) => (await stat(join(folder, name)).catch(() => undefined)) !== undefined;
  if (await has("oci-layout")) return await inspectOci(path, folder);
  if (!(await has("usr"))) return undefined;
  const startable = architectures.map((architecture) => ({
    architecture,
    starts: true,
    words: `osbench shell ${path} --target container`,
  }));
  return { ...nothing, file: path, form: "rootfs", words: "a root tree", startable };
}

async function inspectOci(file: string, folder: string): Promise<ImageInspection> {
  const images: OciImage[] = [];
  const startable: Startable[] = [];
  const problems = new Set<string>();
  for (const architecture of architectures) {
    try {
      const image = await readOci(folder, architecture);
      images.push(image);
      const target = architecture === architectures[0] ? "" : ` --target ${architecture}`;
      const words = (await carriesKernel(image))
        ? `osbench boot ${file}${target}`
        : `osbench shell ${file} --target container (no kernel is in it)`;
      startable.push({ architecture, starts: true, words });
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      const what = error.problems[0]?.what ?? error.message;
      startable.push({ architecture, starts: false, words: what });
      if (!what.includes("the target is")) problems.add(what);
    }
  }
  const [first] = images;
  const layers = first?.layers ?? [];
  const words = first
    ? `a container image (OCI) of ${layers.length} ${layers.length === 1 ? "layer" : "layers"}, sha256:${first.digest}`
    : "an OCI layout";
  return {
    ...{ ...nothing, file, form: "oci", words, startable, problems: [...problems] },
    size: layers.reduce((sum, { size }) => sum + size, 0),
    architectures: startable.filter(({ starts }) => starts).map(({ architecture }) => architecture),
  };
}

const nothing = {
  ...{ format: "folder", size: 0, diskSize: undefined, table: undefined, sectorSize: undefined, bios: undefined },
  ...{ partitions: [], files: [], architectures: [], programs: [], ukis: [], problems: [] },
} as const;
