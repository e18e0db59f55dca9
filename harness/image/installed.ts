import { existsSync } from "node:fs";
import { mkdir, rename, rm, utimes } from "node:fs/promises";
import { basename, join } from "node:path";
import { cacheFolder, requireSpace } from "../host/cache.ts";
import { keepNewest } from "../host/evict.ts";
import { withLock } from "../host/lock.ts";
import { sha256 } from "../host/sha256.ts";
import { runTool, toolFile } from "../host/tools.ts";
import { architectureFacts } from "../model/architecture.ts";
import { InputError } from "../model/errors.ts";
import type { TreeOptions } from "./disk-tree.ts";
import { makeDisk } from "./esp.ts";
import { partitionType } from "./gpt.ts";
import { laidOut } from "./image-tree.ts";
import { kernelFilesOf } from "./kernel-files.ts";
import { readOci } from "./oci.ts";
import { inTree } from "./tree-path.ts";

const kept = 4;

/** Changes when what is made of the same image does. */
const edition = 1;

/** Of the root partition, which the command line names. */
const rootUuid = "9f3c5a2e-64d1-4b1c-9c5b-0b5e2d7a1f60";

const mebibyte = 2 ** 20;

/** What an image installed on a disk consists of. Paths absolute. */
interface Installed {
  /** Raw. */
  readonly disk: string;
  /** What its firmware starts. */
  readonly uki: string;
}

/**
 * Installs a bootable container: a disk with an EFI system partition that holds its kernel, its initrd and a command line as one unified kernel image, and an
 * ext4 root with its files that can be written. Made once for each image and kept in the cache. Throws InputError `OSB_NO_KERNEL` for an image
 * without, `OSB_OCI` for a wrong layout, HarnessError if a tool fails.
 */
export async function installed(layout: string, options: Omit<TreeOptions, "digest">): Promise<Installed> {
  const { digest } = await readOci(layout, options.arch);
  const shelf = join(cacheFolder(), "installed");
  const folder = join(shelf, sha256(`${edition} ${digest}`).slice(0, 16));
  await mkdir(shelf, { recursive: true });
  await withLock(`installed-${basename(folder)}`, `installing ${layout} on a disk`, { signal: options.signal }, async () => {
    if (!existsSync(folder)) await make(layout, folder, options);
  });
  const now = new Date();
  await utimes(folder, now, now);
  await keepNewest(shelf, kept, [folder]);
  return { disk: join(folder, "disk.raw"), uki: join(folder, "linux.efi") };
}

async function make(layout: string, folder: string, { tools, arch, signal }: Omit<TreeOptions, "digest">): Promise<void> {
  const run = (argv: readonly string[]) => runTool(tools, argv, { signal, timeoutMs: 600_000 });
  const tree = await laidOut(layout, { arch, signal });
  const { kernel, initrd, release } = await kernelFilesOf(tree, layout);
  const { serial, stub: name } = architectureFacts[arch];
  const stub = `usr/lib/systemd/boot/efi/${name}`;
  // The image's own, as its own updates would have it.
  const own = (await inTree(tree, stub)) ?? toolFile(tools, `/${stub}`);
  if (!existsSync(own)) {
    const remedy = "In Debian: systemd-boot-efi. The tools bring only the host's own.";
    throw new InputError([{ at: { file: layout }, what: `holds no UEFI stub to start its kernel with: /${stub}`, remedy }], "OSB_NO_STUB");
  }
  const draft = `${folder}.draft`;
  await requireSpace(cacheFolder(), 2 ** 30, `installing ${layout} on a disk`);
  await rm(draft, { recursive: true, force: true });
  const out = join(draft, "out");
  await mkdir(out, { recursive: true });
  try {
    const uki = join(out, "linux.efi");
    const about = (await inTree(tree, "etc/os-release")) ?? (await inTree(tree, "usr/lib/os-release"));
    await run([
      ...["ukify", "build", `--linux=${kernel}`, `--initrd=${initrd}`, `--uname=${release}`, `--stub=${own}`, `--output=${uki}`],
      ...(about === undefined ? [] : [`--os-release=@${about}`]),
      `--cmdline=root=PARTUUID=${rootUuid} rw console=${serial}`,
    ]);
    const used = Number((await run(["du", "-s", "-B1", "--apparent-size", tree])).stdout.split("\t")[0]);
    // Room to be written to: the file is sparse.
    const room = Math.ceil((used * 1.3) / mebibyte) + 1024;
    const type = partitionType(`root (${arch})`);
    const definition = [`Type=${type}`, `UUID=${rootUuid}`, "Label=root", "Format=ext4", "CopyFiles=/:/", `SizeMinBytes=${room}M`];
    await makeDisk({ program: uki, arch, file: join(out, "disk.raw"), draft, root: { definition, tree } }, run);
    await rename(out, folder);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}
