import { statSync } from "node:fs";
import { join } from "node:path";
import type { Image, ImageVersion, OciIdentity } from "../model/image.ts";
import { artefactDigest } from "./digest.ts";
import { readPe, type PeFile } from "./pe.ts";
import { readSignatures } from "./signature.ts";
import { FormatError, withFile, type ByteSource } from "./source.ts";
import { survey } from "./survey.ts";
import { describeUki, isUki } from "./uki.ts";

/** A certificate a signature carries, and its key, by sha256. */
interface Signer {
  readonly subject: string;
  readonly certificate: string;
  readonly key: string;
}

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
  /** The files it is made of: those of them that are there and are plain files. */
  readonly artefacts: readonly { readonly path: string; readonly sha256: string }[];
  /** From os-release(5) as its UKI carries it; absent where it has none. */
  readonly os?: Readonly<Record<string, string>>;
  readonly ukis?: readonly UkiIdentity[];
  /** As a container image. */
  readonly oci?: OciIdentity;
}

/** Keys of os-release(5) that say which system this is. */
const telling = /^(ID|ID_LIKE|NAME|PRETTY_NAME|VERSION|VERSION_ID|VERSION_CODENAME|IMAGE_ID|IMAGE_VERSION|BUILD_ID|VARIANT_ID|CPE_NAME)$/;

/** Reads who an image is from its UKIs: published ones, else those in its disk. What cannot be read is left out: a record must not fail for it. */
export async function identityOf({
  manifest,
  folder,
  containers,
}: Pick<Image, "manifest" | "folder" | "containers">): Promise<VersionIdentity[]> {
  return await Promise.all(
    manifest.versions.map(async (version) => {
      const oci = containers?.[version.version];
      return { ...(await versionIdentity(version, folder)), ...(oci && { oci }) };
    }),
  );
}

async function versionIdentity({ version, uki, disk, root }: ImageVersion, folder: string): Promise<VersionIdentity> {
  const files = [uki, disk, root].filter((path) => path !== undefined && isFile(join(folder, path))) as string[];
  const artefacts = await Promise.all(files.map(async (path) => ({ path, sha256: await artefactDigest([join(folder, path)]) })));
  const known = { version, artefacts };
  const [path] = files.filter((one) => one !== root);
  if (path === undefined) return known;
  const sha256 = path === uki ? { sha256: artefacts[0]!.sha256 } : {};
  try {
    const found = await withFile(join(folder, path), (source) =>
      path === uki ? [readOne(source, path, readPe(source))] : readDisk(source),
    );
    const os = found.map((one) => one.os).find((one) => Object.keys(one).length > 0);
    const ukis = found.map(({ path: place, authenticode, signers }) => ({ path: place, ...sha256, authenticode, signers }));
    return { ...known, ...(os && { os }), ukis };
  } catch (error) {
    if (error instanceof FormatError) return known;
    throw error;
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
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

function signersOf(source: ByteSource, pe: PeFile): Signer[] {
  const certificates = readSignatures(source, pe).flatMap((signature) => signature.certificates);
  const named = certificates.map(({ subject, fingerprint, key }) => [fingerprint, { subject, certificate: fingerprint, key }] as const);
  return [...new Map(named).values()];
}
