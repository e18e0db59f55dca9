import { createWriteStream } from "node:fs";
import { chmod, lchown, link, lstat, lutimes, mkdir, readdir, rm, symlink } from "node:fs/promises";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { execa } from "../host/execa.ts";
import { readTar, type TarEntry } from "./tar.ts";
import { inTree, type Way } from "./tree-path.ts";

const whiteout = ".wh.";
const opaque = ".wh..wh..opq";

/** An entry of a layer that must not be applied. */
export class LayerRefused extends Error {}

/**
 * Applies a layer's archive to a root: later entries replace earlier ones, `.wh.NAME` removes NAME, `.wh..wh..opq` empties its folder of what lower
 * layers put there. No entry reaches anything outside the root, whatever its name and whatever links lie on its way: links are followed inside the
 * root only. Extended attributes are not applied. An `archive` is no layer: in it a name is a name. Source: OCI image specification, layer.md. Throws
 * LayerRefused.
 */
export async function applyLayer(archive: AsyncIterable<Buffer>, root: string, as: "layer" | "archive" = "layer"): Promise<void> {
  const own = new Set<string>();
  const folders: { path: string; mtime: number }[] = [];
  for await (const entry of readTar(archive)) {
    const words = wordsOf(entry.name);
    const name = words.at(-1);
    if (name === undefined) {
      if (entry.type === "directory") await chmod(root, entry.mode);
      continue;
    }
    const parent = await inside(root, words.slice(0, -1));
    if (as === "layer" && name === opaque) await empty(parent, own);
    else if (as === "layer" && name.startsWith(whiteout))
      await rm(join(parent, wordsOf(name.slice(whiteout.length)).join("/") || "?"), { recursive: true, force: true });
    else {
      const path = join(parent, name);
      await put(entry, path, root);
      own.add(path);
      if (entry.type === "directory") folders.push({ path, mtime: entry.mtime });
    }
  }
  // What is put into a folder changes its time.
  for (const { path, mtime } of folders.reverse()) await lutimes(path, mtime, mtime).catch(() => {});
}

/** The words of a path below the root. Throws LayerRefused for one that leads out of it. */
function wordsOf(name: string): string[] {
  const words = name.split("/").filter((word) => word !== "" && word !== ".");
  if (words.includes("..") || name.includes("\0")) throw new LayerRefused(`names ${JSON.stringify(name)}, which leads out of the root`);
  return words;
}

/** Makes the folders that are missing on the way, also in place of what is none. */
const making: Way = {
  async enter(place, info) {
    if (info && !info.isDirectory()) await rm(place);
    if (!info?.isDirectory()) await mkdir(place, { mode: 0o755 });
    return true;
  },
  circle(link) {
    throw new LayerRefused(`names a path of which ${link} is a link that leads to itself`);
  },
};

/** The folder of the host these words lead to, made where it is missing. */
async function inside(root: string, words: readonly string[]): Promise<string> {
  return (await inTree(root, words.join("/"), making)) as string;
}

/** Removes what lower layers put into a folder. */
async function empty(folder: string, own: ReadonlySet<string>): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if (![...own].some((one) => one === path || one.startsWith(`${path}/`))) await rm(path, { recursive: true, force: true });
  }
}

async function put(entry: TarEntry, path: string, root: string): Promise<void> {
  const info = await lstat(path).catch(() => undefined);
  if (info && !(info.isDirectory() && entry.type === "directory")) await rm(path, { recursive: true, force: true });
  switch (entry.type) {
    case "directory":
      if (!info?.isDirectory()) await mkdir(path);
      break;
    case "file":
      await pipeline(entry.content(), createWriteStream(path, { flags: "wx", mode: 0o600 }));
      break;
    case "symlink":
      await symlink(entry.target, path);
      break;
    case "hardlink": {
      const words = wordsOf(entry.target);
      const to = join(await inside(root, words.slice(0, -1)), basename(words.join("/")));
      await link(to, path).catch((error: Error) => {
        throw new LayerRefused(`links ${entry.name} to ${entry.target}, which is not there (${error.message})`);
      });
      return;
    }
    case "fifo":
      await execa("mkfifo", [path]);
      break;
    default:
      await execa("mknod", [path, entry.type === "block" ? "b" : "c", String(entry.device.major), String(entry.device.minor)]);
  }
  if (process.getuid?.() === 0) await lchown(path, entry.uid, entry.gid);
  // After the owner, whose change takes set-user-id away.
  if (entry.type !== "symlink") await chmod(path, entry.mode);
  await lutimes(path, entry.mtime, entry.mtime);
}
