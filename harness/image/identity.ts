import { existsSync } from "node:fs";
import { join } from "node:path";
import { sha256File } from "../host/sha256.ts";
import type { Image, ImageVersion } from "../model/image.ts";
import { readPe, type PeFile } from "./pe.ts";
import { signersOf, type Signer } from "./signers.ts";
import { FormatError, withFile, type ByteSource } from "./source.ts";
import { survey } from "./survey.ts";
import { describeUki, isUki } from "./uki.ts";

interface UkiIdentity {
  /** Of the published file, or inside the disk. */
  readonly path: string;
  /** Of the published file; absent for one found in a disk. */
  readonly sha256?: string;
  readonly authenticode: string;
  readonly signers: readonly Signer[];
}

/** What one version of an image says it is. */
export interface VersionIdentity {
  readonly version: string;
  /** From os-release(5) as its UKI carries it; absent where it has none. */
  readonly os?: Readonly<Record<string, string>>;
  readonly ukis?: readonly UkiIdentity[];
}

/** Keys of os-release(5) that say which system this is. */
const telling = /^(ID|ID_LIKE|NAME|PRETTY_NAME|VERSION|VERSION_ID|VERSION_CODENAME|IMAGE_ID|IMAGE_VERSION|BUILD_ID|VARIANT_ID|CPE_NAME)$/;

/** Reads who an image is from its UKIs: published ones, else those in its disk. What cannot be read is left out: a record must not fail for it. */
export async function identityOf({ manifest, folder }: Pick<Image, "manifest" | "folder">): Promise<VersionIdentity[]> {
  return await Promise.all(manifest.versions.map((version) => versionIdentity(version, folder)));
}

async function versionIdentity({ version, uki, disk }: ImageVersion, folder: string): Promise<VersionIdentity> {
  const file = [uki, disk].flatMap((name) => (name === undefined ? [] : [join(folder, name)])).find((path) => existsSync(path));
  if (file === undefined) return { version };
  const isPublished = uki !== undefined && file === join(folder, uki);
  try {
    const found = await withFile(file, (source) => (isPublished ? [readOne(source, uki, readPe(source))] : readDisk(source)));
    const sha256 = isPublished ? { sha256: await sha256File(file) } : {};
    const os = found.map((one) => one.os).find((one) => Object.keys(one).length > 0);
    return {
      version,
      ...(os && { os }),
      ukis: found.map(({ path, authenticode, signers }) => ({ path, ...sha256, authenticode, signers })),
    };
  } catch (error) {
    if (error instanceof FormatError) return { version };
    throw error;
  }
}

function readDisk(source: ByteSource) {
  return survey(source).programs.flatMap(({ path, pe, source: program }) =>
    pe && program && isUki(pe) ? [readOne(program, path, pe)] : [],
  );
}

function readOne(source: ByteSource, path: string, pe: PeFile): Omit<UkiIdentity, "sha256"> & { readonly os: Record<string, string> } {
  const os = isUki(pe) ? Object.entries(describeUki(pe).osRelease).filter(([key]) => telling.test(key)) : [];
  return { path, authenticode: pe.authenticode(), signers: signersOf(source, pe), os: Object.fromEntries(os) };
}
