import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { cacheFolder, requireSpace } from "../host/cache.ts";
import { keepNewest } from "../host/evict.ts";
import { withLock } from "../host/lock.ts";
import { sha256 } from "../host/sha256.ts";
import { runTool } from "../host/tools.ts";
import type { ToolsPlace } from "../model/context.ts";
import { InputError } from "../model/errors.ts";
import type { Architecture } from "../model/target.ts";
import type { RootTree } from "../model/tree.ts";
import { readDisk, type DiskPartition } from "./disk.ts";
import { recognise } from "./form.ts";
import { withFile } from "./source.ts";
import { openVirtualDisk } from "./virtualdisk.ts";

export interface TreeOptions {
  readonly tools: ToolsPlace;
  readonly arch: Architecture;
  /** sha256 of the image, by which what is made of it is kept. */
  readonly digest: string;
  readonly signal?: AbortSignal | undefined;
}

interface DiskFile {
  readonly file: string;
  readonly format: string;
}

const kept = 4;

/**
 * The root tree of a disk: the partition the Discoverable Partitions Specification would take for the root (of several the newest by label, never
 * an empty slot), or the only Linux partition there is. Throws InputError `OSB_NO_TREE` if there is none.
 */
export async function diskTree(disk: DiskFile, options: TreeOptions): Promise<RootTree> {
  if (disk.format === "raw") return await findRoot(disk, options.arch);
  return await findRoot({ file: await converted(disk, options), format: "raw" }, options.arch);
}

/** Throws what `diskTree` would, as far as that can be told without making the disk raw. */
export async function assertTree(disk: DiskFile, arch: Architecture): Promise<void> {
  await findRoot(disk, arch);
}

async function findRoot({ file, format }: DiskFile, arch: Architecture): Promise<RootTree> {
  return await withFile(file, (source): RootTree => {
    const inside = openVirtualDisk(source, format);
    const whole = (size: number): RootTree => ({ kind: "disk", file, root: { offset: 0, size }, partitions: [] });
    if (!inside) return whole(0);
    const refuse = (what: string) => new InputError([{ at: { file }, what, remedy }], "OSB_NO_TREE");
    // A file system with no partition table around it is its own root.
    if (["erofs", "ext4", "squashfs"].includes(recognise(inside, () => true).format)) return whole(inside.size);
    const disk = readDisk(inside);
    if (!disk) throw refuse("has neither partitions nor a file system with a system in it");
    const root = rootPartition(disk.partitions, arch);
    if (!root) throw refuse(`has no root file system to start an init in, only ${listed(disk.partitions)}`);
    const partitions = disk.partitions.map(({ offset, size, guid, name }) => ({ offset, size, guid: guid ?? "", label: name }));
    return { kind: "disk", file, root: { offset: root.offset, size: root.size }, partitions };
  });
}

const remedy =
  "A container needs the tree itself: an image whose root lies in an initrd or behind encryption can only be started in a machine.";

function rootPartition(partitions: readonly DiskPartition[], arch: Architecture): DiskPartition | undefined {
  const roots = partitions.filter(({ type, name }) => type === `root (${arch})` && name !== "_empty");
  const plain = partitions.filter(({ type }) => type === "Linux data");
  const byLabel = roots.toSorted((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
  return byLabel.at(-1) ?? (plain.length === 1 ? plain[0] : undefined);
}

function listed(partitions: readonly DiskPartition[]): string {
  return partitions.map(({ type, name }) => (name === "" ? type : `${type} "${name}"`)).join(", ") || "an empty table";
}

/** Only raw disks can be mounted: others are made raw once. */
async function converted({ file, format }: DiskFile, options: TreeOptions): Promise<string> {
  const shelf = join(cacheFolder(), "trees");
  const folder = join(shelf, sha256(`${options.digest} ${file}`).slice(0, 16));
  await mkdir(shelf, { recursive: true });
  await withLock(`tree-${folder.slice(-16)}`, `making ${file} raw`, { signal: options.signal }, async () => {
    if (existsSync(folder)) return;
    await requireSpace(shelf, 2 ** 30, `making ${file} raw`);
    const draft = `${folder}.draft`;
    await rm(draft, { recursive: true, force: true });
    await mkdir(draft);
    const argv = ["qemu-img", "convert", "-f", format, "-O", "raw", file, join(draft, "disk.raw")];
    await runTool(options.tools, argv, { signal: options.signal, timeoutMs: 600_000 });
    await rename(draft, folder);
  });
  await keepNewest(shelf, kept, [folder]);
  return join(folder, "disk.raw");
}
