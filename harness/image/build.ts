import { createWriteStream, existsSync } from "node:fs";
import { cp, mkdir, rename, rm, utimes } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { finished } from "node:stream/promises";
import { cacheFolder, requireSpace } from "../host/cache.ts";
import { withEmulation } from "../host/emulation.ts";
import { keepNewest } from "../host/evict.ts";
import { withLock } from "../host/lock.ts";
import { sha256 } from "../host/sha256.ts";
import { debianMirror } from "../host/toolbox.ts";
import { runTool } from "../host/tools.ts";
import type { ToolsPlace } from "../model/context.ts";
import { HarnessError, InputError, OsbenchError } from "../model/errors.ts";
import { artefactsOf, type Image, type ImageManifest } from "../model/image.ts";
import { architectures, type Architecture } from "../model/target.ts";
import { diskAround } from "./esp.ts";
import { artefactDigest, recipeDigest, recipeFolder } from "./digest.ts";
import { installed } from "./installed.ts";
import type { FoundImage } from "./manifest.ts";
import { ociIdentities } from "./oci-base.ts";
import { treeFolder } from "./tree-archive.ts";
import { unpacked } from "./unpack.ts";

export interface BuildOptions {
  readonly arch: Architecture;
  readonly tools: ToolsPlace;
  readonly progress?: (line: string) => void;
  readonly signal?: AbortSignal;
}

/** How many builds of one image, and how many recipes' own caches, are kept: three of each architecture. */
const kept = { builds: 3 * architectures.length, recipes: 8 * architectures.length };

/**
 * Gives the artefacts of an image for one architecture: built now, taken from the cache if recipe, tools and architecture are the same as
 * then, or simply where they stand if the image has no `build`. Safe to call from several processes at once.
 * Throws InputError if the image is not made for the architecture, HarnessError `OSB_BUILD` with the end of the log if the build fails.
 */
export async function buildImage(found: FoundImage, options: BuildOptions): Promise<Image> {
  const { manifest, name, file } = found;
  const { arch } = options;
  if (!manifest.architectures.includes(arch)) {
    const remedy = `It is made for ${manifest.architectures.join(", ")}.`;
    throw new InputError([{ at: { file }, what: `image ${name} is not made for ${arch}`, remedy }]);
  }
  if (!manifest.build) {
    const digest = await artefactDigest(artefacts(found).map((path) => resolve(found.folder, path)));
    return await ready(found, found.folder, digest, options);
  }
  const base = found.base && (await buildImage(found.base, options));
  const recipeOnly = await recipeDigest(found, arch, options.tools);
  const digest = base ? sha256(`${base.digest} ${recipeOnly}`) : recipeOnly;
  const shelf = join(cacheFolder(), "images", name.replaceAll("/", "_"));
  const folder = join(shelf, digest.slice(0, 16));
  if (!existsSync(folder)) {
    const recipe = `${basename(recipeFolder(found))}-${sha256(recipeFolder(found)).slice(0, 8)}-${arch}`;
    // One build of a recipe at a time: builds of the same recipe share its cache.
    await withLock(`build-${sha256(recipe).slice(0, 16)}`, `building image ${name}`, options, async () => {
      if (!existsSync(folder)) await build(found, folder, join(cacheFolder(), "recipes", recipe), options, base?.folder);
    });
    await keepNewest(shelf, kept.builds, [folder]);
  }
  const now = new Date();
  await utimes(folder, now, now);
  return await ready(found, folder, digest, options, base);
}

async function ready({ name, manifest }: FoundImage, folder: string, digest: string, options: BuildOptions, base?: Image): Promise<Image> {
  const image = { manifest: await startable(manifest, folder, digest, options), name, folder, digest, architecture: options.arch };
  const containers = await ociIdentities(image, base);
  return { ...image, ...(containers && { containers }) };
}

/** The manifest as this architecture has it. What is packed is unpacked; versions that are published as an EFI program alone get a disk around it, containers that are to be a disk are installed on one. */
async function startable(manifest: ImageManifest, folder: string, digest: string, options: BuildOptions): Promise<ImageManifest> {
  const { arch, tools, signal } = options;
  const form = manifest["form-on"]?.[arch] ?? manifest.form;
  const versions: ImageManifest["versions"] = [];
  const unpack = async (file: string) =>
    relative(folder, await unpacked(resolve(folder, file), { ...options, flag: `image ${manifest.image}` }));
  for (const published of manifest.versions) {
    const { disk: packedDisk, iso } = published;
    const version = { ...published, ...(packedDisk && { disk: await unpack(packedDisk) }), ...(iso && { iso: await unpack(iso) }) };
    if (form === "disk" && version.disk === undefined && version.oci !== undefined) {
      const { disk, uki } = await installed(await treeFolder(resolve(folder, version.oci), { signal }), { arch, tools, signal });
      versions.push({ ...version, disk: relative(folder, disk), format: "raw", uki: relative(folder, uki) });
      continue;
    }
    const program = form === "uki" ? version.uki : form === "efi" ? version.efi : undefined;
    if (program === undefined || version.disk !== undefined) versions.push(version);
    else {
      const disk = await diskAround(resolve(folder, program), { arch, tools, digest: sha256(`${digest} ${program}`), signal });
      versions.push({ ...version, disk: relative(folder, disk), format: "raw" });
    }
  }
  return { ...manifest, form, versions };
}

async function build(found: FoundImage, folder: string, recipeCache: string, options: BuildOptions, from?: string): Promise<void> {
  const { name, manifest } = found;
  const { arch, tools, signal } = options;
  const { command, env, emulation } = manifest.build as NonNullable<typeof manifest.build>;
  const say = options.progress ?? (() => {});
  const draft = `${folder}.draft`;
  const out = join(draft, "out");
  // One for each image and architecture, which may be built at the same time: failures do not pile up.
  const log = join(dirname(folder), `last.${arch}.failed.log`);
  await rm(draft, { recursive: true, force: true });
  for (const one of [out, join(draft, "tmp"), recipeCache]) await mkdir(one, { recursive: true });
  await requireSpace(draft, 4 * 2 ** 30, `building image ${name}`);
  await cp(recipeFolder(found), join(draft, "recipe"), { recursive: true, verbatimSymlinks: true });
  say(`building image ${name} for ${arch}`);
  const started = performance.now();
  const seconds = () => ((performance.now() - started) / 1000).toFixed(0);
  const writer = createWriteStream(log);
  try {
    const make = () =>
      runTool(tools, command, {
        signal,
        timeoutMs: 3_600_000,
        cwd: join(draft, "recipe"),
        tree: true,
        env: {
          MIRROR: debianMirror(),
          TMPDIR: join(draft, "tmp"),
          ...env,
          ARCH: arch,
          OUT: out,
          CACHE: recipeCache,
          ...(from && { FROM: from }),
        },
        onLine: (line) => {
          writer.write(`${line}\n`);
          say(`  ${line}`);
        },
      });
    await (emulation ? withEmulation(tools, arch, options, make) : make());
    const missing = artefacts(found).filter((path) => !existsSync(join(out, path)));
    if (missing.length > 0) {
      throw new HarnessError("OSB_BUILD", `the build ended well, but made no ${missing.join(", ")}`, {
        hint: `Every file named in ${found.file} must be in the folder $OUT when the build ends`,
      });
    }
    await finished(writer.end());
    await rename(log, join(out, "build.log"));
    await rename(out, folder);
    say(`image ${name} built in ${seconds()} s`);
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof OsbenchError)) throw error;
    throw new HarnessError("OSB_BUILD", `image ${name} could not be built for ${arch} (after ${seconds()} s): ${error.message}`, {
      hint: error.hint ?? `The whole log: ${log}`,
      evidence: { log, ...error.evidence },
      cause: error,
    });
  } finally {
    writer.end();
    await rm(draft, { recursive: true, force: true });
  }
  await keepNewest(join(cacheFolder(), "recipes"), kept.recipes, [recipeCache]);
}

/** Every file and folder the manifest names, relative to the image's folder. */
function artefacts({ manifest }: FoundImage): string[] {
  const files = [...manifest.versions.flatMap(artefactsOf), ...manifest.certificates];
  return [...files, ...manifest.extensions.flatMap((extension) => [extension.file, extension.next?.file])].filter(
    (file) => file !== undefined,
  );
}
