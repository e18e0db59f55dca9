import { openMachine } from "../../harness/machine/open.ts";
import type { WorkerContext } from "../../harness/model/context.ts";

export interface IsolatedTests {
  readonly tests: number;
  /** One boot to the first command's answer, part of the total. */
  readonly bootSeconds: number;
  /** From nothing to the last test's machine being gone. */
  readonly totalSeconds: number;
  /** What is aimed at: the boot, and a second for each test. */
  readonly allowedSeconds: number;
  /** How many tests saw what an earlier one had written, to memory or disk. */
  readonly leaks: number;
}

export interface SaveCost {
  readonly guestMiB: number;
  readonly saveSeconds: number;
  /** What the moment takes on the disk. */
  readonly momentMiB: number;
}

const signal = new AbortController().signal;
const seconds = (since: number): number => (performance.now() - since) / 1000;

/** Tests of one image, each on a machine of its own that it writes to, one after the other: what a suite costs when each starts from a fork. */
export async function isolatedTests(context: WorkerContext, tests: number, progress: (line: string) => void): Promise<IsolatedTests> {
  const began = performance.now();
  const machine = await openMachine(context, { cell: "isolated", signal, savable: true });
  await machine.boot();
  await machine.run(":");
  const bootSeconds = seconds(began);
  const moment = await machine.save("isolated");
  await machine[Symbol.asyncDispose]();
  let leaks = 0;
  const look = 'test ! -e /tmp/mark && [ "$(dd if=/dev/vda bs=512 skip=2000 count=1 2>/dev/null | head -c 4)" != mark ]';
  const write = "echo mark >/tmp/mark; echo mark | dd of=/dev/vda bs=512 seek=2000 conv=notrunc 2>/dev/null; sync";
  for (let index = 0; index < tests; index++) {
    const fork = await moment.fork({ cell: `isolated${index}` });
    if ((await fork.run(look)).code !== 0) leaks++;
    await fork.run(write);
    await fork[Symbol.asyncDispose]();
  }
  const totalSeconds = seconds(began);
  await moment[Symbol.asyncDispose]();
  progress(`${tests} isolated tests: ${totalSeconds.toFixed(1)} s, of which the boot ${bootSeconds.toFixed(1)} s`);
  return { tests, bootSeconds, totalSeconds, allowedSeconds: bootSeconds + tests, leaks };
}

/** What saving takes of time and disk, by the guest's memory. */
export async function saveCosts(context: WorkerContext, sizes: readonly number[], progress: (line: string) => void): Promise<SaveCost[]> {
  const costs: SaveCost[] = [];
  for (const memory of sizes) {
    const machine = await openMachine(
      { ...context, target: { ...context.target, memory } },
      { cell: `memory${memory}`, signal, savable: true },
    );
    await machine.boot();
    await machine.run(":");
    const began = performance.now();
    const moment = await machine.save("sized");
    await machine.run(":");
    const saveSeconds = seconds(began);
    await machine[Symbol.asyncDispose]();
    const momentMiB = (await moment.bytes()) / 2 ** 20;
    await moment[Symbol.asyncDispose]();
    costs.push({ guestMiB: memory, saveSeconds, momentMiB });
    progress(`a guest of ${memory} MiB: saved in ${saveSeconds.toFixed(2)} s, ${momentMiB.toFixed(0)} MiB`);
  }
  return costs;
}
