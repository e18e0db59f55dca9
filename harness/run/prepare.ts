import { openTools, toolVersions } from "../host/toolbox.ts";
import { buildImage } from "../image/build.ts";
import { kinds } from "../machine/stand.ts";
import type { FoundImage } from "../image/manifest.ts";
import type { Accelerator, ToolsPlace, WorkerContext } from "../model/context.ts";
import { InputError } from "../model/errors.ts";
import type { Image } from "../model/image.ts";
import { misfit, type Combination } from "./plan.ts";

export interface PrepareOptions {
  readonly progress: (line: string) => void;
  readonly signal: AbortSignal;
}

export interface Tools {
  readonly place: ToolsPlace;
  readonly versions: Record<string, string>;
  readonly failure: unknown;
}

/** Opens the tools. If they cannot be had through no fault of the user, says so in `failure`, which is then every combination's. */
export async function prepareTools(kind: ToolsPlace["kind"], options: PrepareOptions): Promise<Tools> {
  try {
    const place = await openTools(kind, options);
    return { place, versions: await toolVersions(place), failure: undefined };
  } catch (failure) {
    options.signal.throwIfAborted();
    if (failure instanceof InputError) throw failure;
    return { place: { kind, root: "", digest: undefined }, versions: {}, failure };
  }
}

/** A combination that can start, or why it cannot. */
export type Prepared =
  | {
      readonly combination: Combination;
      readonly image: Image;
      readonly accelerator: Accelerator;
      readonly why: string;
      readonly firmware: string | undefined;
    }
  | { readonly combination: Combination; readonly misfit: string }
  | { readonly combination: Combination; readonly failure: unknown };

/**
 * Builds the image and proves the accelerator of each combination, each image and architecture once. What fails is that combination's error and
 * leaves the others alone; only an interruption ends it all.
 */
export async function prepareCombinations(
  combinations: readonly Combination[],
  images: readonly FoundImage[],
  tools: Tools,
  options: PrepareOptions,
): Promise<Prepared[]> {
  const built = new Map<string, Promise<Image>>();
  const prepared: Prepared[] = [];
  for (const combination of combinations) {
    const { image, target } = combination;
    const reason = misfit(combination);
    if (reason !== undefined) {
      prepared.push({ combination, misfit: reason });
      continue;
    }
    if (tools.failure !== undefined) {
      prepared.push({ combination, failure: tools.failure });
      continue;
    }
    const key = `${image.image} ${target.arch}`;
    const found = images.find((one) => one.manifest === image) as FoundImage;
    try {
      const { stand, fits } = kinds[target.kind];
      const standing = await stand(tools.place, target, options.signal);
      if (!built.has(key)) built.set(key, buildImage(found, { ...options, arch: target.arch, tools: tools.place }));
      const ready = await (built.get(key) as Promise<Image>);
      const unfit = await fits(ready, tools.place, target);
      prepared.push(unfit === undefined ? { combination, image: ready, ...standing } : { combination, misfit: unfit });
    } catch (error) {
      options.signal.throwIfAborted();
      if (error instanceof InputError) throw error;
      prepared.push({ combination, failure: error });
    }
  }
  return prepared;
}

export function contextOf(
  prepared: Extract<Prepared, { image: Image }>,
  run: Omit<WorkerContext, "image" | "target" | "accelerator">,
): WorkerContext {
  return { ...run, image: prepared.image, target: prepared.combination.target, accelerator: prepared.accelerator };
}
