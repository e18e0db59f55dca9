import { proveAccelerator } from "../../harness/host/accelerator.ts";
import { openTools } from "../../harness/host/toolbox.ts";
import { buildImage } from "../../harness/image/build.ts";
import { findImage } from "../../harness/image/manifest.ts";
import type { Machine, Moment } from "../../harness/machine/machine.ts";
import { openMachine } from "../../harness/machine/open.ts";
import { findTarget } from "../../harness/machine/targets.ts";
import type { WorkerContext } from "../../harness/model/context.ts";

const signal = new AbortController().signal;

/** What machines of an image in a target need, the image built. */
export async function prepare(
  image: string,
  targetName: string,
  runFolder: string,
  progress: (line: string) => void,
): Promise<WorkerContext> {
  const target = await findTarget(targetName);
  const tools = await openTools("toolbox", { progress, signal });
  const { accelerator } = await proveAccelerator(tools, target.arch);
  const built = await buildImage(await findImage(image), { arch: target.arch, tools, progress, signal });
  return { run: "bench", runFolder, image: built, target, tools, accelerator, bus: undefined };
}

/** Boots an image so often, one machine after the other: seconds from asking for each to its first command's answer. The last one runs on, and can be saved. */
export async function bootSome(
  context: WorkerContext,
  times: number,
  progress: (line: string) => void,
): Promise<{ boots: number[]; machine: Machine; cell: string }> {
  const boots: number[] = [];
  for (;;) {
    const cell = `boot${boots.length + 1}-`;
    const { machine, seconds } = await firstAnswer(() => openMachine(context, { cell, signal, savable: boots.length + 1 === times }));
    boots.push(seconds);
    progress(`boot ${boots.length} of ${times} on ${context.target.target}: ${seconds.toFixed(2)} s`);
    if (boots.length >= times) return { boots, machine, cell };
    await machine[Symbol.asyncDispose]();
  }
}

/** The same of forks, each of which is asked something more before it goes. */
export async function forkSome(
  moment: Moment,
  times: number,
  progress: (line: string) => void,
  ask: (machine: Machine) => Promise<void> = async () => {},
): Promise<number[]> {
  const forks: number[] = [];
  while (forks.length < times) {
    const { machine, seconds } = await firstAnswer(() => moment.fork({ cell: `fork${forks.length + 1}` }));
    forks.push(seconds);
    await ask(machine);
    await machine[Symbol.asyncDispose]();
    progress(`fork ${forks.length} of ${times}: ${seconds.toFixed(3)} s`);
  }
  return forks;
}

async function firstAnswer(open: () => Promise<Machine>): Promise<{ machine: Machine; seconds: number }> {
  const began = performance.now();
  const machine = await open();
  await machine.boot();
  await machine.run(":");
  return { machine, seconds: (performance.now() - began) / 1000 };
}
