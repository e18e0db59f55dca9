import { proveAccelerator } from "../host/accelerator.ts";
import { findFirmware } from "../host/firmware.ts";
import { openTools, toolVersions } from "../host/toolbox.ts";
import { buildImage } from "../image/build.ts";
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
      readonly firmware: string;
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
      const { accelerator, reason: why } = await proveAccelerator(tools.place, target.arch, { signal: options.signal });
      const { description, digest } = await findFirmware(tools.place, { arch: target.arch, machine: target.machine, ...target.firmware });
      if (!built.has(key)) built.set(key, buildImage(found, { ...options, arch: target.arch, tools: tools.place }));
      prepared.push({
        combination,
        image: await (built.get(key) as Promise<Image>),
        accelerator,
        why,
        firmware: `${description} (sha256 ${digest})`,
      });
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
