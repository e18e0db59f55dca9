import { stat } from "node:fs/promises";
import { basename, dirname, extname, join, relative, resolve } from "node:path";
import type { z } from "zod";
import { InputError, type Problem } from "../model/errors.ts";
import { imageManifest, keyWays, unknownVersion, type diskFormat, type form } from "../model/image.ts";
import type { NetworkBoot } from "../model/media.ts";
import { architectures, type Architecture } from "../model/target.ts";
import { recognise, type Recognised } from "./form.ts";
import type { FoundImage } from "./manifest.ts";
import { readPe } from "./pe.ts";
import { FormatError, withFile, type ByteSource } from "./source.ts";
import { isUki } from "./uki.ts";

type Form = z.infer<typeof form>;

/** What no file says of itself. */
export interface OwnImageOptions {
  readonly os?: string | undefined;
  readonly form?: Form | undefined;
  readonly architecture?: Architecture | undefined;
  readonly version?: string | undefined;
  /** MiB. */
  readonly memory?: number | undefined;
  readonly sshUser?: string | undefined;
  /** File of a private key the image trusts already. */
  readonly sshKey?: string | undefined;
  readonly serial?: { readonly user: string; readonly password: string } | undefined;
  /** Files that go with a kernel. */
  readonly initrd?: string | undefined;
  readonly root?: string | undefined;
  readonly commandLine?: string | undefined;
  /** Of a folder: the EFI program in it that firmware fetches. */
  readonly netboot?: string | undefined;
  readonly over?: NetworkBoot | undefined;
}

/** The flag by which a person gives each of them. */
export const ownImageFlags: Readonly<Record<keyof OwnImageOptions, string>> = {
  os: "--os",
  form: "--form",
  architecture: "--arch",
  version: "--image-version",
  memory: "--memory",
  sshUser: "--ssh-user",
  sshKey: "--ssh-key",
  serial: "--serial-login",
  initrd: "--initrd",
  root: "--root",
  commandLine: "--command-line",
  netboot: "--netboot",
  over: "--over",
};

/**
 * Describes somebody's own file. How it is packed is read from its first bytes, never from its name. Throws InputError at `flag` for a file that is
 * empty or may not be read, and at the flags that do not go with what it is.
 */
export async function ownImage(file: string, options: OwnImageOptions, flag?: string): Promise<FoundImage> {
  const { found, uki } = await withFile(file, (source) => ({ found: recognise(source, () => true), uki: isUkiFile(source) }), flag);
  const chosen = options.form ?? formOf(found, uki);
  const folder = dirname(file);
  const beside = (path: string) => relative(folder, resolve(path));
  const artefacts: Record<Form, object> = {
    disk: { disk: basename(file), format: formats.find((one) => one === found.format) ?? "raw" },
    iso: { iso: basename(file) },
    uki: { uki: basename(file) },
    efi: { efi: basename(file) },
    kernel: {
      kernel: basename(file),
      ...(options.initrd !== undefined && { initrd: beside(options.initrd) }),
      ...(options.root !== undefined && { root: beside(options.root) }),
      ...(options.commandLine !== undefined && { "command-line": options.commandLine }),
    },
    netboot: {},
    oci: {},
    rootfs: {},
  };
  const problems = [
    ...(chosen === "kernel" ? [] : stray(options, ["initrd", "root", "commandLine"], `goes with a kernel, and ${file} is ${found.words}`)),
    ...stray(options, ["netboot", "over"], `goes with a folder, and ${file} is ${found.words}`),
    ...(chosen === "netboot" ? [{ at: { flag: ownImageFlags.form }, what: `a network boot starts from a folder, ${file} is a file` }] : []),
    ...(await missing({
      [ownImageFlags.initrd]: options.initrd,
      [ownImageFlags.root]: options.root,
      [ownImageFlags.sshKey]: options.sshKey,
    })),
  ];
  if (problems.length > 0) throw new InputError(problems);
  return described(file, folder, chosen, artefacts[chosen], options);
}

/** Describes a folder firmware starts from over the network. Throws InputError at the flags that do not go with it. */
export async function ownFolderTree(folder: string, options: OwnImageOptions): Promise<FoundImage> {
  const file = options.netboot as string;
  const over = options.over ?? "pxe";
  const problems = [
    ...stray(options, ["initrd", "root", "commandLine"], "goes with a kernel, and a folder is started from over the network"),
    ...(options.form === undefined || options.form === "netboot"
      ? []
      : [{ at: { flag: ownImageFlags.form }, what: `${folder} is a folder, which has form netboot` }]),
    ...(await missing({ [ownImageFlags.netboot]: resolve(folder, file) })),
  ];
  if (problems.length > 0) throw new InputError(problems);
  return described(folder, folder, "netboot", { netboot: { folder: ".", file, over } }, options);
}

/**
 * Describes what a container is made of: an OCI layout or a root tree, in a folder or in an archive of which `folder` is what it holds. With form `disk` an
 * OCI image is one that is installed. Undefined for what is neither.
 */
export async function ownRootTree(path: string, options: OwnImageOptions, folder = path): Promise<FoundImage | undefined> {
  const has = async (name: string) => (await stat(join(folder, name)).catch(() => undefined)) !== undefined;
  const chosen = (await has("oci-layout")) ? "oci" : (await has("usr")) ? "rootfs" : undefined;
  if (chosen === undefined) return undefined;
  const problems = stray(options, ["initrd", "root", "commandLine", "netboot", "over"], `does not go with an image of form ${chosen}`);
  if (problems.length > 0) throw new InputError(problems);
  const form = options.form ?? chosen;
  if (form !== chosen && !(chosen === "oci" && form === "disk")) {
    const remedy = chosen === "oci" ? "Leave it away, or give --form disk to have it installed on a disk." : "Leave it away.";
    throw new InputError([{ at: { flag: ownImageFlags.form }, what: `${path} has form ${chosen}`, remedy }]);
  }
  if (folder === path) return described(folder, folder, form, { [chosen]: "." }, options);
  return described(path, dirname(path), form, { [chosen]: basename(path) }, options);
}

function described(file: string, folder: string, chosen: Form, artefact: object, options: OwnImageOptions): FoundImage {
  const key = options.sshKey === undefined ? undefined : relative(folder, resolve(options.sshKey));
  const ssh = options.sshUser !== undefined || key !== undefined;
  const name =
    basename(file, extname(file))
      .replace(/\.tar$/, "")
      .toLowerCase()
      .replace(/[^a-z0-9.-]+/g, "-")
      .replace(/^[^a-z0-9]+/, "") || "image";
  const manifest = imageManifest.parse({
    image: name,
    title: basename(file),
    os: options.os ?? "none",
    form: chosen,
    // Not known: whatever target it is put in decides.
    architectures: options.architecture ? [options.architecture] : [...architectures],
    access: {
      // What somebody's image understands is not known: with SSH all ways are tried, also a shell by credential; a serial login alone needs no trying.
      ...(ssh ? { shell: "find" } : options.serial && { shell: "none" }),
      ...(ssh && { ssh: { user: options.sshUser ?? "root", ...(key === undefined ? { by: [...keyWays] } : { key }) } }),
      ...(options.serial && { serial: options.serial }),
    },
    ...(options.memory !== undefined && { memory: options.memory }),
    versions: [{ version: options.version ?? unknownVersion, ...artefact }],
  });
  return { name, folder, manifest, file };
}

const formats: readonly z.infer<typeof diskFormat>[] = ["raw", "qcow2", "vmdk", "vpc", "vhdx"];

/** Bytes of no known kind are taken for a disk: what is wrong with them is said before it is started. */
function formOf({ form: found }: Recognised, uki: boolean): Form {
  if (found === "efi") return uki ? "uki" : "efi";
  return found === "other" ? "disk" : found;
}

function isUkiFile(source: ByteSource): boolean {
  try {
    return isUki(readPe(source));
  } catch (error) {
    if (error instanceof FormatError) return false;
    throw error;
  }
}

function stray(options: OwnImageOptions, keys: readonly (keyof OwnImageOptions)[], what: string): Problem[] {
  return keys
    .filter((key) => options[key] !== undefined)
    .map((key) => ({ at: { flag: ownImageFlags[key] }, what, remedy: "Leave it away, or say with --form what it is." }));
}

async function missing(files: Readonly<Record<string, string | undefined>>): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const [flag, file] of Object.entries(files)) {
    if (file === undefined || (await stat(file).catch(() => undefined))?.isFile()) continue;
    problems.push({ at: { flag }, what: `there is no file ${resolve(file)}`, remedy: "Relative paths start at the current folder." });
  }
  return problems;
}
