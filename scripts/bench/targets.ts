import { rm } from "node:fs/promises";
import { proveAccelerator } from "../../harness/host/accelerator.ts";
import { claimMachine } from "../../harness/host/lock.ts";
import { openTools } from "../../harness/host/toolbox.ts";
import { makeWorkspace } from "../../harness/host/workspace.ts";
import { buildImage } from "../../harness/image/build.ts";
import { findImage } from "../../harness/image/manifest.ts";
import { openMachine } from "../../harness/machine/open.ts";
import type { ToolsPlace } from "../../harness/model/context.ts";
import type { Image } from "../../harness/model/image.ts";
import { phases, type Phase } from "../../harness/model/phase.ts";
import type { TargetManifest } from "../../harness/model/target.ts";
import { findTarget } from "../../harness/machine/targets.ts";
import { machineTargets } from "../../harness/qemu/target.ts";
import { varyTarget } from "../../harness/qemu/vary.ts";
import { BrokenBootMaker, loadBrokenBoots } from "./broken-boots.ts";

/** One machine and how long its boot took: medians in seconds. */
export interface TargetBoot {
  readonly target: string;
  /** What differs from the target named; empty for the target as it is. */
  readonly with: string;
  readonly phases: Readonly<Partial<Record<Phase, number>>>;
  readonly total: number;
}

export interface TargetsBench {
  readonly runs: number;
  readonly boots: readonly TargetBoot[];
}

export interface TargetsOptions {
  /** Targets to boot; every one an unsigned image starts in, if empty. */
  readonly targets: readonly string[];
  /** The target whose parts are varied; undefined for none. */
  readonly vary: string | undefined;
  readonly runs: number;
  readonly progress: (line: string) => void;
  readonly signal: AbortSignal;
}

/** What may cost time under emulation, each varied alone. */
const contributions: Readonly<Record<string, readonly string[]>> = {
  "no TPM": ["tpm=none"],
  "four PCR banks": ["tpm.banks=[sha1, sha256, sha384, sha512]"],
  "one core": ["cores=1"],
  "four cores": ["cores=4"],
};

/** Processor models of an architecture that are worth a comparison. */
const processors: Readonly<Partial<Record<TargetManifest["arch"], readonly string[]>>> = {
  x86_64: ["qemu64", "Haswell"],
  aarch64: ["max", "cortex-a76"],
};

/** What a kernel and initrd that are not the smallest weigh, in MiB. */
const weightMiB = 32;
const roomyMiB = 512;

/** Boots tiny in every target, and in one of them with one thing changed at a time. */
export async function benchTargets(options: TargetsOptions): Promise<TargetsBench> {
  const { runs, progress, signal } = options;
  const claim = await claimMachine("bench targets");
  const runFolder = await makeWorkspace("bench");
  try {
    const tools = await openTools("toolbox", { progress, signal });
    const boots: TargetBoot[] = [];
    const boot = async (target: TargetManifest, what: string, image?: Image) => {
      const taken = await bootTimes(target, image, { ...options, tools, runFolder });
      boots.push({ target: options.vary !== undefined && what !== "" ? options.vary : target.target, with: what, ...taken });
      progress(line(boots.at(-1) as TargetBoot));
    };
    for (const target of await chosen(options.targets)) await boot(target, "");
    if (options.vary !== undefined) {
      const base = await findTarget(options.vary);
      for (const [what, settings] of Object.entries(contributions)) await boot(await varyTarget(base, settings), what);
      for (const cpu of processors[base.arch] ?? []) await boot(await varyTarget(base, [`cpu=${cpu}`]), `processor ${cpu}`);
      if (base.arch === "x86_64") {
        const { image, remove } = await heavier(new BrokenBootMaker(tools, runFolder, signal, progress));
        // The firmware holds the file and what it unpacks to at once: both boots have room for it.
        const roomy = await varyTarget(base, [`memory=${roomyMiB}`]);
        await boot(roomy, `${roomyMiB} MiB of memory`);
        await boot(roomy, `${roomyMiB} MiB of memory and ${weightMiB} MiB more in the UKI`, image);
        await remove();
      }
    }
    return { runs, boots };
  } finally {
    await rm(runFolder, { recursive: true, force: true });
    await claim[Symbol.asyncDispose]();
  }
}

async function chosen(names: readonly string[]): Promise<TargetManifest[]> {
  const targets = await Promise.all((names.length > 0 ? names : (await machineTargets()).names).map(findTarget));
  return names.length > 0 ? targets : targets.filter(({ declares }) => !declares.includes("secure-boot"));
}

/** tiny with bytes in its initrd that no packing makes fewer. */
async function heavier(maker: BrokenBootMaker) {
  const [good] = await loadBrokenBoots(["good-tiny"]);
  if (!good) throw new Error("images/broken-boots has no good-tiny");
  return await maker.make({ ...good, id: "heavier", make: `head -c ${weightMiB}M /dev/urandom | file weight\ntiny` });
}

async function bootTimes(
  target: TargetManifest,
  other: Image | undefined,
  { tools, runFolder, runs, progress, signal }: TargetsOptions & { readonly tools: ToolsPlace; readonly runFolder: string },
): Promise<Pick<TargetBoot, "phases" | "total">> {
  const { accelerator } = await proveAccelerator(tools, target.arch, { signal });
  const image = other ?? (await buildImage(await findImage("tiny"), { arch: target.arch, tools, progress, signal }));
  const seen: { durations: Readonly<Partial<Record<Phase, number>>>; totalMs: number }[] = [];
  for (let run = 1; run <= runs; run++) {
    const context = { run: "bench", runFolder, image, target, tools, accelerator, bus: undefined };
    const machine = await openMachine(context, { cell: `${target.target}-${run}`, signal });
    try {
      seen.push(await machine.boot());
    } finally {
      await machine[Symbol.asyncDispose]();
    }
  }
  const met = phases.filter((phase) => seen.some(({ durations }) => durations[phase] !== undefined));
  return {
    phases: Object.fromEntries(met.map((phase) => [phase, seconds(seen.map(({ durations }) => durations[phase] ?? 0))])),
    total: seconds(seen.map(({ totalMs }) => totalMs)),
  };
}

/** Median of milliseconds, in seconds to a tenth. */
function seconds(ms: readonly number[]): number {
  return Math.round((ms.toSorted((a, b) => a - b)[Math.floor(ms.length / 2)] as number) / 100) / 10;
}

function line({ target, with: what, phases: each, total }: TargetBoot): string {
  const words = Object.entries(each).map(([phase, taken]) => `${phase} ${taken.toFixed(1)}`);
  return `${target}${what === "" ? "" : ` with ${what}`}: ${total.toFixed(1)} s (${words.join(", ")})`;
}

/** The table as people read it: a line a machine, a column a phase. */
export function table({ boots }: TargetsBench): string {
  const columns = phases.filter((phase) => boots.some((boot) => boot.phases[phase] !== undefined));
  const rows = [
    ["machine", ...columns, "total, s"],
    ...boots.map((boot) => [
      boot.with === "" ? boot.target : `${boot.target}, ${boot.with}`,
      ...columns.map((phase) => boot.phases[phase]?.toFixed(1) ?? "–"),
      boot.total.toFixed(1),
    ]),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row) =>
      row.map((word, column) => (column === 0 ? word.padEnd(widths[column] ?? 0) : word.padStart(widths[column] ?? 0))).join("  "),
    )
    .join("\n");
}
