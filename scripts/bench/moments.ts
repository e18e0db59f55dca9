import { readdirSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { claimMachine } from "../../harness/host/lock.ts";
import { makeWorkspace } from "../../harness/host/workspace.ts";
import type { Machine } from "../../harness/machine/machine.ts";
import { openBooted } from "../../harness/machine/moments/booted.ts";
import { allPcrs, killRounds, type KillRounds } from "../../harness/machine/testdata/kill-rounds.ts";
import type { WorkerContext } from "../../harness/model/context.ts";
import { bootSome, forkSome, prepare } from "./answers.ts";
import { median, quantile } from "./median.ts";
import { isolatedTests, saveCosts, type IsolatedTests, type SaveCost } from "./moments-costs.ts";

export interface MomentsBench {
  readonly image: string;
  readonly target: string;
  /** From asking for a machine to its first command's answer. */
  readonly bootMedianSeconds: number;
  readonly forkMedianSeconds: number;
  readonly forkP95Seconds: number;
  /** Boot to fork, medians of this run. */
  readonly ratio: number;
  readonly boots: readonly number[];
  readonly forks: readonly number[];
  /** What the guest stood still for while it was saved, until it answered again as a fork of itself. */
  readonly saveSeconds: number;
  readonly momentMiB: number;
  readonly guestMiB: number;
  /** Proportional memory (smaps_rollup) of each of the forks that ran at once, and of one machine that was booted. */
  readonly forkMiB: readonly number[];
  readonly bootedMiB: number;
  /** Whether every fork had the PCRs that were saved, and random numbers of its own. */
  readonly samePcrs: boolean;
  readonly ownRandomness: boolean;
  readonly kills?: KillRounds;
  readonly isolated?: IsolatedTests;
  readonly saves?: readonly SaveCost[];
}

export interface MomentsBenchOptions {
  readonly image: string;
  readonly target: string;
  readonly boots: number;
  readonly forks: number;
  /** How many forks run at once when their memory is measured. */
  readonly together: number;
  readonly kills: number;
  /** The guest's memory in MiB; by default what target and image say. */
  readonly memory: number | undefined;
  /** How many tests are run on machines of their own; none for 0. */
  readonly isolated: number;
  /** Memories in MiB of guests that are saved, to see what that costs. */
  readonly sizes: readonly number[];
  readonly progress: (line: string) => void;
}

/** The result for people. */
export function momentsWords(result: MomentsBench): string[] {
  const { bootMedianSeconds, forkMedianSeconds, forkP95Seconds, ratio, saveSeconds, momentMiB, guestMiB, forkMiB, bootedMiB } = result;
  const { isolated, saves = [], kills } = result;
  const fork = `fork ${forkMedianSeconds.toFixed(3)} s (95 of 100 below ${forkP95Seconds.toFixed(3)} s)`;
  return [
    `boot ${bootMedianSeconds.toFixed(2)} s, ${fork}: ${ratio.toFixed(0)} times as fast`,
    `saving ${saveSeconds.toFixed(2)} s and ${momentMiB.toFixed(0)} MiB of disk for a guest of ${guestMiB} MiB`,
    `memory of forks at once: ${forkMiB.join(", ")} MiB; of a machine that was booted: ${bootedMiB} MiB`,
    `PCRs of all forks ${result.samePcrs ? "as saved" : "DIFFER"}, random numbers ${result.ownRandomness ? "their own" : "THE SAME"}`,
    ...(isolated ? [isolatedWords(isolated)] : []),
    ...saves.map(
      (one) => `saving a guest of ${one.guestMiB} MiB: ${one.saveSeconds.toFixed(2)} s, ${one.momentMiB.toFixed(0)} MiB of disk`,
    ),
    ...(kills
      ? [
          `${kills.rounds} rounds killed, ${kills.answered} of them after an answer: ${kills.wrong.join("\n") || "nothing left, nothing wrong"}`,
        ]
      : []),
  ];
}

function isolatedWords({ tests, totalSeconds, allowedSeconds, leaks }: IsolatedTests): string {
  const seen = leaks === 0 ? "none saw another" : `${leaks} SAW WHAT ANOTHER WROTE`;
  return `${tests} isolated tests: ${totalSeconds.toFixed(1)} s (one boot and a second each: ${allowedSeconds.toFixed(1)} s), ${seen}`;
}

const signal = new AbortController().signal;
const question = `${allPcrs}; cat /proc/sys/kernel/random/uuid`;

/** Boots, saves and forks the same image, in one run on this machine. */
export async function benchMoments(options: MomentsBenchOptions): Promise<MomentsBench> {
  const { image, target, progress } = options;
  const claim = await claimMachine("bench moments");
  const runFolder = await makeWorkspace("bench");
  try {
    const found = await prepare(image, target, runFolder, progress);
    const context = options.memory === undefined ? found : { ...found, target: { ...found.target, memory: options.memory } };
    const { boots, machine: template, cell } = await bootSome(context, options.boots, progress);
    const bootedMiB = memoryOf(cell);
    const pcrs = (await template.run(question)).stdout.split("\n")[0] as string;
    const began = performance.now();
    const moment = await template.save("booted");
    await template.run(":");
    const saveSeconds = (performance.now() - began) / 1000;
    await template[Symbol.asyncDispose]();
    progress(`saved, and answers again: ${saveSeconds.toFixed(2)} s`);
    const answers: string[] = [];
    const ask = async (machine: Machine) => void answers.push((await machine.run(question)).stdout);
    const forks = await forkSome(moment, options.forks, progress, ask);
    const together: Machine[] = [];
    for (let index = 0; index < options.together; index++) {
      const machine = await moment.fork({ cell: `side${index}-` });
      together.push(machine);
      await ask(machine);
    }
    const forkMiB = together.map((_, index) => memoryOf(`side${index}-`));
    for (const machine of together) await machine[Symbol.asyncDispose]();
    const momentMiB = (await moment.bytes()) / 2 ** 20;
    await moment[Symbol.asyncDispose]();
    const kills = options.kills > 0 ? await killed(context, options.kills, progress) : undefined;
    const isolated = options.isolated > 0 ? await isolatedTests(context, options.isolated, progress) : undefined;
    const saves = options.sizes.length > 0 ? await saveCosts(context, options.sizes, progress) : undefined;
    const [bootMedianSeconds, forkMedianSeconds] = [median(boots), median(forks)];
    return {
      ...{ image, target, bootMedianSeconds, forkMedianSeconds, forkP95Seconds: quantile(forks, 0.95) },
      ...{ ratio: bootMedianSeconds / forkMedianSeconds, boots, forks, saveSeconds, momentMiB, forkMiB, bootedMiB },
      guestMiB: context.target.memory ?? context.image.manifest.memory,
      samePcrs: answers.every((answer) => answer.startsWith(pcrs)),
      ownRandomness: new Set(answers.map((answer) => answer.split("\n")[1])).size === answers.length,
      ...(kills && { kills }),
      ...(isolated && { isolated }),
      ...(saves && { saves }),
    };
  } finally {
    await rm(runFolder, { recursive: true, force: true });
    await claim[Symbol.asyncDispose]();
  }
}

/** Forks what a boot of its own left in the cache: PCRs differ from boot to boot, for each has a key of its own. */
async function killed(context: WorkerContext, rounds: number, progress: (line: string) => void): Promise<KillRounds> {
  const machine = await openBooted(context, { cell: "kill-template", signal });
  await machine.boot();
  const pcrs = (await machine.run(question)).stdout.split("\n")[0] as string;
  await machine[Symbol.asyncDispose]();
  return await killRounds(context, rounds, pcrs, progress);
}

/** Proportional set size of a machine's QEMU, in MiB: a page that n processes map counts an nth in each. Source: proc_pid_smaps(5). */
function memoryOf(cell: string): number {
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
      if (!/qemu-system/.test(words[0] ?? "") || !words.some((word) => word.includes(`osbench-${cell}`))) continue;
      return Math.round(Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1]) / 1024);
    } catch {
      // It ended while we looked.
    }
  }
  return Number.NaN;
}
