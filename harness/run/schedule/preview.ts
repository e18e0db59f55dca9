import { kinds } from "../../machine/stand.ts";
import { rememberedAccelerator } from "../../host/remembered-accelerator.ts";
import { hardware } from "../../host/hardware.ts";
import type { Accelerator } from "../../model/context.ts";
import type { Architecture } from "../../model/target.ts";
import { capacityOf } from "../capacity.ts";
import { checkRequest } from "../check.ts";
import { Expectations } from "../expectations.ts";
import { outFolderOf } from "../outfolder.ts";
import { combine, memoryOf, misfit, Plan, type Combination } from "../plan.ts";
import { noneSelected, readTests, type TestReader } from "../read-tests.ts";
import type { RunRequest } from "../request.ts";
import { shareOf } from "../shard/share.ts";
import { estimator } from "./estimate.ts";
import { endOf, lowerBound, simulate } from "./simulate.ts";
import { unitsOf } from "./unit.ts";

/** One suite on one image in one target, as it would run. Milliseconds after the first machine starts. */
export interface PreviewUnit {
  readonly image: string;
  readonly target: string;
  readonly suite: string;
  readonly tests: readonly string[];
  readonly memoryMiB: number;
  /** The place it runs in, from 1. */
  readonly slot: number;
  readonly fromMs: number;
  readonly expectedMs: number;
  /** How many of its claims were timed on this host before. */
  readonly timed: number;
  /** Why nothing of it applies, where the manifests already say so. */
  readonly ruledOut?: string;
}

/** What a run would do, without doing any of it. */
export interface Preview {
  readonly shard?: { readonly index: number; readonly of: number };
  readonly cells: number;
  /** How many of them were never timed on this host. */
  readonly guessed: number;
  readonly machines: number;
  /** What keeps more machines from running at once. */
  readonly reason: string;
  /** From the first machine to the last; building what is missing comes before. */
  readonly expectedMs: number;
  readonly lowerBoundMs: number;
  /** In the order they start. */
  readonly units: readonly PreviewUnit[];
  readonly notApplicable: readonly { readonly image: string; readonly target: string; readonly reason: string }[];
}

export interface Previewed {
  readonly preview: Preview;
  /** What was typed for each image and target, by its name: the name itself, or a path. */
  readonly typed: { readonly images: ReadonlyMap<string, string>; readonly targets: ReadonlyMap<string, string> };
  readonly plan: Plan;
  readonly expectations: Expectations;
}

/** Plans a run: throws InputError for whatever the run itself would, starts, builds and installs nothing, and leaves the host to others. */
export async function previewOf(request: RunRequest): Promise<Previewed> {
  const claimHost = () => Promise.resolve({ name: "plan", [Symbol.asyncDispose]: () => Promise.resolve() });
  const checked = await checkRequest(request, outFolderOf("plan", request.out), { claimHost });
  const combinations = combine(
    checked.images.map(({ manifest }) => manifest),
    checked.targets,
  );
  const all = new Plan(combinations, await readAll(checked.suites), request.filter);
  if (all.cells.length === 0) throw noneSelected(checked.suites, request.filter ?? "");
  const { plan } = await shareOf(all, request.shard);
  const expectations = await Expectations.open();
  // Found in the order they were named, each once.
  const typed = {
    images: pairs(
      checked.images.map(({ manifest }) => manifest.image),
      request.images,
    ),
    targets: pairs(
      checked.targets.map(({ target }) => target),
      request.targets,
    ),
  };
  return { plan, expectations, typed, preview: await previewPlan(plan, request, expectations) };
}

function pairs(names: readonly string[], given: readonly string[]): Map<string, string> {
  return new Map([...new Set(given)].map((one, index) => [names[index] ?? one, one]));
}

async function previewPlan(plan: Plan, { shard, workers }: RunRequest, expectations: Expectations): Promise<Preview> {
  const accelerators = new Map<Architecture, Accelerator>();
  for (const { target } of plan.combinations) accelerators.set(target.arch, (await rememberedAccelerator(target.arch)) ?? "tcg");
  const acceleratorOf = ({ target }: Combination) =>
    kinds[target.kind].emulated ? (accelerators.get(target.arch) ?? "tcg") : ("native" as const);
  const units = unitsOf(plan, estimator(expectations, plan), acceleratorOf);
  const { cores, availableMiB } = await hardware();
  const { room, reason } = capacityOf({ jobs: units, cores, freeMiB: availableMiB, workers });
  const placed = simulate(units, room);
  return {
    ...(shard && { shard: { index: shard.index, of: shard.of } }),
    cells: plan.cells.length,
    guessed: units.reduce((sum, { cells, timed }) => sum + cells.length - timed, 0),
    machines: room.machines,
    reason,
    expectedMs: Math.round(endOf(placed)),
    lowerBoundMs: Math.round(lowerBound(units, room)),
    units: placed.map(({ job, slot, from }) => ({
      image: job.combination.image.image,
      target: job.combination.target.target,
      suite: job.suite.source.name,
      tests: job.suite.tests,
      memoryMiB: memoryOf(job.combination),
      slot,
      fromMs: Math.round(from),
      expectedMs: Math.round(job.ms),
      timed: job.timed,
      ...(job.ruledOut !== undefined && { ruledOut: job.ruledOut }),
    })),
    notApplicable: plan.combinations.flatMap((combination) => {
      const why = misfit(combination);
      return why === undefined ? [] : [{ image: combination.image.image, target: combination.target.target, reason: why }];
    }),
  };
}

/** Only for TypeScript suites vitest is needed: it reads their tests from their text. */
async function readAll(suites: Parameters<typeof readTests>[0]): ReturnType<typeof readTests> {
  let engine: (TestReader & AsyncDisposable) | undefined;
  const open = async () => (engine ??= await (await import("../engine.ts")).Engine.open({ projects: ["plan"], reporters: [] }));
  try {
    return await readTests(suites, open);
  } finally {
    await engine?.[Symbol.asyncDispose]();
  }
}
