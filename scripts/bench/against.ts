import { bootSome, forkSome, prepare } from "./answers.ts";
import { median } from "./median.ts";

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

/** Boots an image some times, saves the last of its machines, and forks that. */
export async function bootAndFork({ image, target, boots: times, forks: more, runFolder, progress }: EmulatedOptions): Promise<Emulated> {
  const { boots, machine } = await bootSome(await prepare(image, target, runFolder, progress), times, progress);
  const moment = await machine.save("against");
  await machine[Symbol.asyncDispose]();
  const forks = await forkSome(moment, more, progress);
  await moment[Symbol.asyncDispose]();
  return { target, bootMedianSeconds: median(boots), forkMedianSeconds: median(forks) };
}
