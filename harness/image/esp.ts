import { existsSync } from "node:fs";
import { mkdir, rename, rm, stat, truncate, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { cacheFolder } from "../host/cache.ts";
import { keepNewest } from "../host/evict.ts";
import { withLock } from "../host/lock.ts";
import { sha256 } from "../host/sha256.ts";
import { runTool } from "../host/tools.ts";
import { architectureFacts } from "../model/architecture.ts";
import type { ToolsPlace } from "../model/context.ts";
import type { Architecture } from "../model/target.ts";

const mebibyte = 2 ** 20;
const keptDisks = 8;

export interface EspOptions {
  readonly arch: Architecture;
  readonly tools: ToolsPlace;
  /** Digest of the program: the disk is made once for each. */
  readonly digest: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Puts one EFI program on a disk of its own, where firmware starts it from by itself (UEFI 2.10, section 3.5.1.1), and gives the raw disk's path.
 * Made once and kept in the cache. Throws HarnessError if a tool fails.
 */
export async function diskAround(program: string, { arch, tools, digest, signal }: EspOptions): Promise<string> {
  const shelf = join(cacheFolder(), "esp");
  const folder = join(shelf, sha256(`${digest} ${arch}`).slice(0, 16));
  if (!existsSync(folder)) {
    await mkdir(shelf, { recursive: true });
    await withLock(`esp-${basename(folder)}`, "putting an EFI program on a disk", { ...(signal && { signal }) }, async () => {
      if (!existsSync(folder)) await make(program, folder, arch, (argv) => runTool(tools, argv, { signal, timeoutMs: 120_000 }));
    });
    await keepNewest(shelf, keptDisks, [folder]);
  }
  return join(folder, "disk.raw");
}

type Run = (argv: readonly string[]) => Promise<unknown>;

async function make(program: string, folder: string, arch: Architecture, run: Run): Promise<void> {
  const draft = `${folder}.draft`;
  await rm(draft, { recursive: true, force: true });
  const out = join(draft, "out");
  await mkdir(out, { recursive: true });
  try {
    await makeDisk({ program, arch, file: join(out, "disk.raw"), draft }, run);
    await rename(out, folder);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

interface DiskParts {
  /** The EFI program firmware starts. */
  readonly program: string;
  readonly arch: Architecture;
  /** The raw disk to make. */
  readonly file: string;
  /** An existing folder for what is needed meanwhile. */
  readonly draft: string;
  /** A root partition behind the EFI system partition: lines of its repart.d(5) definition, and the tree its CopyFiles= are relative to. */
  readonly root?: { readonly definition: readonly string[]; readonly tree: string };
}

/** Makes a disk with an EFI system partition that holds one program, where firmware starts it from by itself. */
export async function makeDisk({ program, arch, file, draft, root }: DiskParts, run: Run): Promise<void> {
  const esp = join(draft, "esp");
  const { size } = await stat(program);
  await writeFile(esp, "");
  // FAT16 below 512 MiB and FAT32 from there on: firmware tells them apart by the number of clusters, not by what they call themselves.
  const room = (Math.ceil(size / mebibyte) + 16) * mebibyte;
  await truncate(esp, room);
  const bits = room < 512 * mebibyte ? 16 : 32;
  await run([
    ...["mkfs.fat", "-F", String(bits), "-s", String(clusterSectors(room, bits)), "-S", "512"],
    ...["-n", "ESP", "-i", "05BE7C42", "--invariant", esp],
  ]);
  await run(["mmd", "-i", esp, "::/EFI", "::/EFI/BOOT"]);
  await run(["mcopy", "-i", esp, program, `::/EFI/BOOT/${architectureFacts[arch].removable}`]);
  const definitions = join(draft, "repart");
  await mkdir(definitions);
  await writeFile(join(definitions, "10-esp.conf"), `[Partition]\nType=esp\nLabel=esp\nCopyBlocks=${esp}\nSizeMinBytes=1M\n`);
  if (root) await writeFile(join(definitions, "20-root.conf"), `[Partition]\n${root.definition.join("\n")}\n`);
  await run([
    ...["systemd-repart", "--empty=create", "--size=auto", "--dry-run=no", "--offline=yes", "--no-pager"],
    ...(root ? [`--copy-source=${root.tree}`] : []),
    ...[`--definitions=${definitions}`, "--seed=5ad0a7e4-9a1d-4c5e-8f1e-0bebc7e5a3c2", file],
  ]);
}

/** The fewest 512-byte sectors a cluster may have: FAT16 counts to 65,524 clusters, FAT32 needs more than that and may as well have 4 KiB ones. */
function clusterSectors(bytes: number, bits: 16 | 32): number {
  if (bits === 32) return 8;
  let sectors = 1;
  while (bytes / (sectors * 512) > 65_524) sectors *= 2;
  return sectors;
}
