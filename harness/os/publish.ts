import { constants } from "node:fs";
import { copyFile, link, mkdir, open, stat, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { HarnessError } from "../model/errors.ts";
import type { Image, ImageVersion } from "../model/image.ts";
import { sha256File } from "../host/sha256.ts";
import type { Damage } from "./adapter.ts";

/**
 * Fills a new folder with the update files of the given versions and a SHA256SUMS that is true to what was published, then damages what
 * `damage` names: `root`/`uki` one byte of that file, `sums` the root's line in SHA256SUMS, `missing-root` leaves the root file out of both.
 * Files are linked, a damaged one is copied. Resolves with the folder.
 */
export async function publishFiles(image: Image, folder: string, versions: readonly string[], damage?: Damage): Promise<string> {
  await mkdir(folder, { recursive: true });
  const sums: string[] = [];
  for (const name of versions) {
    const { root, uki } = publishedFiles(image, name);
    for (const [part, file] of [
      ["root", root],
      ["uki", uki],
    ] as const) {
      if (part === "root" && damage === "missing-root") continue;
      const target = path.join(folder, path.basename(file));
      if (part === damage) await copyDamaged(file, target);
      else await link(file, target).catch(() => symlink(file, target));
      const digest = await sha256File(file);
      sums.push(`${part === "root" && damage === "sums" ? flipDigit(digest) : digest}  ${path.basename(file)}\n`);
    }
  }
  await writeFile(path.join(folder, "SHA256SUMS"), sums.join(""));
  return folder;
}

/** Absolute paths of a version's published files. Throws HarnessError when the image does not have them. */
export function publishedFiles(image: Image, version: string): { readonly root: string; readonly uki: string } {
  const found: ImageVersion | undefined = image.manifest.versions.find((candidate) => candidate.version === version);
  if (found?.root === undefined || found.uki === undefined) {
    throw new HarnessError(
      "OSB_OS_PUBLISH",
      `preparing an update to version ${version} of ${image.name}: its manifest names no ${found?.root ? "uki" : "root"} file for it`,
      {
        hint: "Give the version a `root` and a `uki` in image.yaml.",
      },
    );
  }
  return { root: path.resolve(image.folder, found.root), uki: path.resolve(image.folder, found.uki) };
}

/** Copies a file with one bit of its middle byte flipped: right size, right name, wrong bytes. */
async function copyDamaged(from: string, to: string): Promise<void> {
  await copyFile(from, to, constants.COPYFILE_FICLONE);
  const file = await open(to, "r+");
  try {
    const at = Math.floor((await stat(from)).size / 2);
    const byte = Buffer.alloc(1);
    await file.read(byte, 0, 1, at);
    byte[0] = byte[0]! ^ 1;
    await file.write(byte, 0, 1, at);
  } finally {
    await file.close();
  }
}

function flipDigit(digest: string): string {
  return (digest.startsWith("0") ? "1" : "0") + digest.slice(1);
}
