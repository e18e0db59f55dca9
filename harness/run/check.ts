import { stat, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { relative } from "node:path";
import { loadSignatures } from "../diagnosis/signature.ts";
import { cacheFolder } from "../host/cache.ts";
import { hardware } from "../host/hardware.ts";
import { claimMachine, type Claim } from "../host/lock.ts";
import { findImage, type FoundImage } from "../image/manifest.ts";
import { InputError, type Problem } from "../model/errors.ts";
import { families } from "../os/families.ts";
import type { TargetManifest } from "../model/target.ts";
import { kinds } from "../machine/stand.ts";
import { findTarget } from "../machine/targets.ts";
import { varyTarget } from "../qemu/vary.ts";
import { memoryProblems } from "./capacity.ts";
import { nearestExisting, outFolderProblems } from "./outfolder.ts";
import { combine, memoryOf, misfit } from "./plan.ts";
import type { RunRequest } from "./request.ts";
import { wordProblems } from "../suite/image-words.ts";
import { readSuites, type ReadSuite } from "./suites.ts";

/** Everything that was asked for, found and sound. */
export interface Checked {
  readonly suites: readonly ReadSuite[];
  readonly images: readonly FoundImage[];
  readonly targets: readonly TargetManifest[];
  /** This host is ours until it is disposed. */
  readonly claim: Claim;
}

export interface CheckOptions {
  readonly claimHost?: typeof claimMachine;
  /** Told of work that takes long. */
  readonly progress?: (line: string) => void;
  /** Ends waiting for the host. */
  readonly signal?: AbortSignal;
}

/**
 * Checks all that a person gave, before anything is installed, built or started. Throws one InputError with every problem found, not only the
 * first.
 */
export async function checkRequest(
  request: RunRequest,
  outFolder: string,
  { claimHost = claimMachine, progress, signal }: CheckOptions = {},
): Promise<Checked> {
  const problems: Problem[] = [];
  const collect = async <T>(work: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      problems.push(...error.problems);
      return undefined;
    }
  };
  const known = { flag: "--image", families: Object.keys(families), ...(progress && { progress }) };
  const suites = await collect(() => readSuites(request.suites));
  const images = await collectAll(request.images, (name) => collect(() => findImage(name, { ...request.disk, ...known })));
  problems.push(...sameNames(images));
  const targets = await collectAll(request.targets, (name) =>
    collect(async () => varyTarget(await findTarget(name), request.settings ?? [])),
  );
  for (const image of images) await collect(() => checkArtefacts(image, targets));
  for (const { file } of suites?.filter(({ tests }) => tests !== undefined) ?? []) {
    const manifests = images.map(({ manifest }) => manifest);
    problems.push(...((await collect(() => wordProblems(file, manifests, targets))) ?? []));
  }
  if (request.signatures?.length) await collect(() => loadSignatures(request.signatures));
  problems.push(...(request.workers === undefined || request.workers >= 1 ? [] : [noWorkers]));
  problems.push(...memoryProblems(guestsOf(images, targets), (await hardware()).availableMiB));
  problems.push(...outFolderProblems(outFolder));
  const cache = await collect(() => cacheFolder());
  problems.push(...(await spaceProblems(spaceNeeds(outFolder, cache))));
  // Who waits for the host first knows that there is something to wait for.
  if (request.wait && problems.length > 0) throw new InputError(problems);
  const claim = await collect(() =>
    claimHost(`osbench ${request.command.join(" ")}`, "run", request.wait ? { progress, signal } : undefined),
  );
  if (problems.length === 0 && suites && claim) return { suites, images, targets, claim };
  await claim?.[Symbol.asyncDispose]();
  throw new InputError(problems);
}

function guestsOf(images: readonly FoundImage[], targets: readonly TargetManifest[]): { name: string; memoryMiB: number }[] {
  const combinations = combine(
    images.map(({ manifest }) => manifest),
    targets,
  );
  return combinations.filter((one) => misfit(one) === undefined).map((one) => ({ name: one.project, memoryMiB: memoryOf(one) }));
}

const noWorkers: Problem = { at: { flag: "--workers" }, what: "no machine could run", remedy: "Give a number of at least 1." };

/** Each name once, in the order given. */
async function collectAll<T>(names: readonly string[], find: (name: string) => Promise<T | undefined>): Promise<T[]> {
  const found: T[] = [];
  for (const name of new Set(names)) {
    const one = await find(name);
    if (one !== undefined) found.push(one);
  }
  return found;
}

/** Cells are told apart by the image's name, so two images of one name would hide each other's results. */
function sameNames(images: readonly FoundImage[]): Problem[] {
  return [...Map.groupBy(images, (image) => image.name)].flatMap(([name, same]) =>
    same.slice(1).map(({ file }) => ({
      at: { flag: "--image" },
      what: `${file} is called "${name}", as is ${same[0]?.file}`,
      remedy: "Name each image once; a disk is called after its file.",
    })),
  );
}

/** What stands on disk already can be looked into now; what is built is checked by its build. */
export async function checkArtefacts({ manifest, folder }: FoundImage, targets: readonly TargetManifest[]): Promise<void> {
  const fitting = targets.filter((target) => manifest.architectures.includes(target.arch));
  if (targets.length > 0 && fitting.length === 0) {
    const what = `image ${manifest.image} exists for ${manifest.architectures.join(", ")}, and no target asked for is of that architecture`;
    throw new InputError([
      { at: { flag: "--target" }, what, remedy: `Asked for: ${targets.map((one) => `${one.target} (${one.arch})`).join(", ")}.` },
    ]);
  }
  if (manifest.build) return;
  for (const target of fitting) await kinds[target.kind].check({ manifest, folder }, target);
}

interface SpaceNeed {
  readonly folder: string;
  readonly bytes: number;
  readonly what: string;
}

const mib = 2 ** 20;

/** What a run writes at the least: its evidence, the machines' changed disk blocks, artefacts in the cache. */
function spaceNeeds(outFolder: string, cache: string | undefined): SpaceNeed[] {
  return [
    { folder: nearestExisting(outFolder), bytes: 200 * mib, what: "evidence" },
    { folder: tmpdir(), bytes: 1024 * mib, what: "the machines' disks" },
    ...(cache === undefined ? [] : [{ folder: cache, bytes: 1024 * mib, what: "the cache" }]),
  ];
}

/** Needs on one file system add up. */
export async function spaceProblems(needs: readonly SpaceNeed[]): Promise<Problem[]> {
  const byDevice = Map.groupBy(
    await Promise.all(needs.map(async (need) => ({ ...need, device: (await stat(need.folder)).dev }))),
    (need) => need.device,
  );
  const problems: Problem[] = [];
  for (const all of byDevice.values()) {
    const [first] = all;
    if (!first) continue;
    const { bavail, bsize } = await statfs(first.folder);
    const needed = all.reduce((sum, need) => sum + need.bytes, 0);
    if (bavail * bsize >= needed) continue;
    const uses = all.map((need) => `${need.what} in ${relative("", need.folder) || "."}`).join(", ");
    const what = `the file system has ${Math.floor((bavail * bsize) / mib)} MiB free, a run needs at least ${needed / mib} MiB (${uses})`;
    const remedy = "Free some space, or choose other places with --out, TMPDIR and XDG_CACHE_HOME.";
    problems.push({ at: { file: first.folder }, what, remedy });
  }
  return problems;
}
