import { readFile, readdir, stat } from "node:fs/promises";
import { basename, dirname, extname, join, relative, resolve } from "node:path";
import { z } from "zod";
import { loadSignatures } from "../diagnosis/signature.ts";
import { ownFolder } from "../host/place.ts";
import { InputError, type Problem } from "../model/errors.ts";
import { artefactKeys, imageManifest, type ImageManifest, type ImageVersion } from "../model/image.ts";
import { nearest, suggest } from "../model/nearest.ts";
import { loadYaml } from "../model/yaml.ts";
import { recognise } from "./form.ts";
import { withFile } from "./source.ts";
import { treeFolder } from "./tree-archive.ts";
import { unpacked } from "./unpack.ts";
import { ownFolderTree, ownRootTree, ownImage, ownImageFlags, type OwnImageOptions } from "./ownimage.ts";

/** An image as described, not yet as artefacts. */
export interface FoundImage {
  readonly name: string;
  /** Folder of the manifest, or of the disk file. */
  readonly folder: string;
  readonly manifest: ImageManifest;
  /** The manifest file, or the disk file when somebody's own was given. */
  readonly file: string;
  /** The image this one is made from. */
  readonly base?: FoundImage;
}

export interface FindOptions extends OwnImageOptions {
  /** How the user named the image, for error messages. */
  readonly flag?: string;
  /** Folder whose subfolders are the known images; default: osbench's own `images`. */
  readonly images?: string;
  /** Told of work that takes long. */
  readonly progress?: (line: string) => void;
  /** The update families there are; unless given, any name is taken for one. */
  readonly families?: readonly string[];
}

/**
 * Finds an image by the name of its folder below `images`, by the path of a folder with an image.yaml or of that file, or by the path of
 * somebody's own disk or UKI, which the options then describe. Throws InputError with file, line and column of everything wrong in the manifest,
 * with the nearest known name, or with the flag that describes an image which describes itself.
 */
export async function findImage(nameOrPath: string, options: FindOptions = {}): Promise<FoundImage> {
  const images = options.images ?? join(ownFolder, "images");
  const named = join(images, nameOrPath);
  if (/^[a-z0-9][a-z0-9./-]*$/.test(nameOrPath) && (await isFile(join(named, "image.yaml"))))
    return load(join(named, "image.yaml"), images, options);
  const path = resolve(nameOrPath);
  if (await isFile(join(path, "image.yaml"))) return load(join(path, "image.yaml"), images, options);
  if (basename(path) === "image.yaml" || /\.ya?ml$/.test(path)) return load(path, images, options);
  const folder = (await stat(path).catch(() => undefined))?.isDirectory() === true && options.netboot !== undefined;
  if (folder || (await isFile(path))) {
    const problem = options.os === undefined ? undefined : familyProblem(options.os, options.families);
    if (problem) throw new InputError([{ at: { flag: ownImageFlags.os }, ...problem }]);
    if (folder) return ownFolderTree(path, options);
    const flag = options.flag ?? "--image";
    const content = await unpacked(path, { flag, ...(options.progress && { progress: options.progress }) });
    if (await isArchive(content, flag)) return ownArchive(path, options, flag);
    return ownImage(content, options, flag);
  }
  const tree = await ownRootTree(path, options);
  if (tree) return tree;
  throw await unknownImage(nameOrPath, images, options.flag ?? "--image");
}

async function isArchive(file: string, flag: string): Promise<boolean> {
  return await withFile(file, (source) => recognise(source, () => true).format === "tar", flag);
}

/** An archive is what it holds: an OCI layout, or a root tree. */
async function ownArchive(path: string, options: FindOptions, flag: string): Promise<FoundImage> {
  const folder = await treeFolder(path, { ...(options.progress && { progress: options.progress }) });
  const found = await ownRootTree(path, options, folder);
  if (found) return found;
  const docker = await isFile(join(folder, "manifest.json"));
  const what = `${path} is a tar archive that holds neither an OCI layout nor a root tree${docker ? ", but an image as `docker save` writes it" : ""}`;
  const remedy = docker
    ? `Make an OCI archive of it: skopeo copy docker-archive:${path} oci-archive:NEW.tar`
    : "Unpack it, and name the image in it.";
  throw new InputError([{ at: { flag }, what, remedy }], "OSB_IMAGE_FILE");
}

async function unknownImage(nameOrPath: string, images: string, flag: string): Promise<InputError> {
  const path = resolve(nameOrPath);
  if ((await stat(path).catch(() => undefined))?.isDirectory()) {
    const remedy =
      "Name the disk file in it, describe it in an image.yaml (docs/adding-an-image.md shows how), or give --netboot FILE to start from it over the network.";
    return new InputError([{ at: { flag }, what: `${path} is a folder without image.yaml`, remedy }]);
  }
  const looksLikePath = nameOrPath.includes("/") || extname(nameOrPath) !== "";
  const what = looksLikePath ? `there is no file ${path}, and no image of that name` : `unknown image "${nameOrPath}"`;
  const beside = looksLikePath ? await readdir(dirname(path)).catch(() => []) : [];
  const near = nearest(basename(path), beside);
  return new InputError([
    { at: { flag }, what, remedy: near ? `did you mean ${join(dirname(path), near)}?` : suggest(nameOrPath, await imageNames(images)) },
  ]);
}

/** Names of the images below a folder (default: osbench's own `images`), sorted: paths of folders that hold an image.yaml. */
export async function imageNames(images: string = join(ownFolder, "images")): Promise<string[]> {
  const files = await readdir(images, { recursive: true }).catch(() => []);
  return files
    .filter((file) => basename(file) === "image.yaml")
    .map((file) => dirname(file))
    .sort();
}

async function load(file: string, images: string, options: FindOptions): Promise<FoundImage> {
  const base = await findBase(file, images, options);
  const loaded = await loadYaml(file, imageManifest, base && inherited(base.manifest));
  const { value: manifest } = loaded;
  const folder = dirname(file);
  const inside = relative(images, folder);
  const problems: Problem[] = describedTwice(manifest, file, options);
  const family = familyProblem(manifest.os, options.families);
  if (family) problems.push(loaded.problem(["os"], family.what, family.remedy));
  if (!inside.startsWith("..") && manifest.image !== inside) {
    problems.push(loaded.problem(["image"], `the image in folder "${inside}" calls itself "${manifest.image}"`, `Write image: ${inside}`));
  }
  const signatures = manifest.expects === undefined ? [] : (await loadSignatures()).map(({ id }) => id);
  for (const [index, id] of (manifest.expects ?? []).entries())
    if (!signatures.includes(id))
      problems.push(loaded.problem(["expects", index], `there is no signature "${id}"`, suggest(id, signatures)));
  const versions = manifest.versions.map((one) => one.version);
  for (const [index, version] of versions.entries()) {
    if (versions.indexOf(version) === index) continue;
    problems.push(
      loaded.problem(["versions", index, "version"], `version "${version}" is listed twice`, "Versions stand in update order, each once."),
    );
  }
  for (const [index, version] of manifest.versions.entries()) {
    const needed = new Set(index === 0 ? manifest.architectures.map((arch) => manifest["form-on"]?.[arch] ?? manifest.form) : []);
    // A container can be installed on a disk.
    const lacking = [...needed].filter((one) => version[one] === undefined && !(one === "disk" && version.oci !== undefined));
    for (const form of lacking)
      problems.push(loaded.problem(["versions", 0], `the first version of an image of form ${form} needs \`${form}\``));
    problems.push(...strayKeys(version, manifest, (key, what, remedy) => loaded.problem(["versions", index, key], what, remedy, "key")));
    for (const part of manifest.build ? [] : artefactKeys) {
      const named = version[part];
      if (named === undefined || (await isFile(resolve(folder, named)))) continue;
      problems.push(loaded.problem(["versions", index, part], `there is no file ${resolve(folder, named)}`, mustStand));
    }
    const tree = manifest.build ? undefined : version.netboot;
    const program = tree && resolve(folder, tree.folder, tree.file);
    if (tree && program !== undefined && !(await isFile(program)))
      problems.push(loaded.problem(["versions", index, "netboot", "file"], `there is no file ${program}`, mustStand));
  }
  if (problems.length > 0) throw new InputError(problems);
  return { name: manifest.image, folder, manifest, file, ...(base && { base }) };
}

const mustStand = "Without `build` the files must stand there already.";

/** What belongs to a kernel that is handed over means nothing without one. */
function strayKeys(
  version: ImageVersion,
  { form, "form-on": formOn }: ImageManifest,
  problem: (key: string, what: string, remedy: string) => Problem,
): Problem[] {
  if (form === "kernel" || Object.values(formOn ?? {}).includes("kernel")) return [];
  const stray = (["initrd", "command-line"] as const).filter((key) => version[key] !== undefined);
  return stray.map((key) =>
    problem(key, `\`${key}\` goes with \`kernel\`, and the image has form ${form}`, "Write form: kernel, or leave it away."),
  );
}

/** The image that `from` names, if the file says so. What else is wrong with the file is not for here to say. */
async function findBase(file: string, images: string, options: FindOptions): Promise<FoundImage | undefined> {
  const text = await readFile(file, "utf8").catch(() => "");
  if (!/^from:/m.test(text)) return undefined;
  const { value, problem } = await loadYaml(file, z.looseObject({ from: z.string() }));
  const other = resolve(dirname(file), value.from, "image.yaml");
  const refuse = (what: string, remedy: string) => new InputError([problem(["from"], what, remedy)]);
  if (!(await isFile(other))) throw refuse(`there is no ${other}`, "Name the folder of an image, relative to this file.");
  if (/^from:/m.test(await readFile(other, "utf8")))
    throw refuse("the image there is itself made from another one", "Name that one: images are made from others in one step.");
  return load(other, images, options);
}

/** What an image made from another has in common with it. */
function inherited({ image: _image, title: _title, build: _build, broken: _broken, ...rest }: ImageManifest): Partial<ImageManifest> {
  return rest;
}

/** The options describe files that say nothing of themselves; a manifest has said it. */
function describedTwice({ image }: ImageManifest, file: string, options: FindOptions): Problem[] {
  const given = (Object.keys(ownImageFlags) as (keyof OwnImageOptions)[]).filter((key) => options[key] !== undefined);
  return given.map((key) => ({
    at: { flag: ownImageFlags[key] },
    what: `describes a disk given by its path, and image ${image} has a manifest that says it already`,
    remedy: `Leave ${ownImageFlags[key]} away, or change ${file}.`,
  }));
}

function familyProblem(os: string, known: readonly string[] | undefined): { what: string; remedy: string } | undefined {
  if (known === undefined || known.includes(os)) return undefined;
  return { what: `there is no update family "${os}"`, remedy: `${suggest(os, known)} ("none" has no updater)` };
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}
