import { openMachine } from "../../harness/machine/open.ts";
import { median } from "./median.ts";
import { firstAnswer, prepare } from "./moments.ts";

/** An emulated machine of the same image, from asking for it to its first command's answer: medians in seconds. */
export interface Emulated {
  readonly target: string;
  readonly bootMedianSeconds: number;
  readonly forkMedianSeconds: number;
}

export interface EmulatedOptions {
  readonly image: string;
  readonly target: string;
  readonly boots: number;
  readonly forks: number;
  readonly runFolder: string;
  readonly progress: (line: string) => void;
}

const signal = new AbortController().signal;

/** Boots an image some times, saves the last of its machines, and forks that. */
export async function bootAndFork({ image, target, boots, forks, runFolder, progress }: EmulatedOptions): Promise<Emulated> {
  const context = await prepare(image, target, runFolder, progress);
  const seconds = { boot: [] as number[], fork: [] as number[] };
  for (let run = 1; run <= boots; run++) {
    const booted = await firstAnswer(() => openMachine(context, { cell: `against${run}`, signal, savable: run === boots }));
    seconds.boot.push(booted.seconds);
    progress(`boot ${run} of ${boots} on ${target}: first command ${booted.seconds.toFixed(2)} s`);
    if (run < boots) {
      await booted.machine[Symbol.asyncDispose]();
      continue;
    }
    const moment = await booted.machine.save("against");
    await booted.machine[Symbol.asyncDispose]();
    for (let each = 1; each <= forks; each++) {
      const fork = await firstAnswer(() => moment.fork({ cell: `fork${each}` }));
      seconds.fork.push(fork.seconds);
      await fork.machine[Symbol.asyncDispose]();
      progress(`fork ${each} of ${forks} on ${target}: first command ${fork.seconds.toFixed(2)} s`);
    }
    await moment[Symbol.asyncDispose]();
  }
  return { target, bootMedianSeconds: median(seconds.boot), forkMedianSeconds: median(seconds.fork) };
}
