import { existsSync } from "node:fs";
import { readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as later } from "node:timers/promises";
import { execa } from "execa";
import { openTools } from "../../harness/host/toolbox.ts";
import { makeWorkspace, sweep } from "../../harness/host/workspace.ts";
import { buildImage } from "../../harness/image/build.ts";
import { findImage } from "../../harness/image/manifest.ts";
import { openMachine } from "../../harness/machine/open.ts";
import { findTarget } from "../../harness/machine/targets.ts";
import type { WorkerContext } from "../../harness/model/context.ts";
import { bootAndFork, type Emulated } from "./against.ts";
import { median } from "./median.ts";

export interface ContainerBench {
  /** Seconds from asking for a machine to its boot's end. */
  readonly readyMedianSeconds: number;
  /** Seconds from asking for a machine to its first command's answer. */
  readonly firstCommandMedianSeconds: number;
  /** Rounds in which osbench was killed in the middle, and in how many of them anything was left behind. */
  readonly kills: { readonly rounds: number; readonly left: number };
  /** The same image in an emulated machine. */
  readonly against?: Emulated;
}

export interface ContainerBenchOptions {
  readonly image: string;
  readonly runs: number;
  readonly kills: number;
  /** The target of emulated machines it is compared with; undefined for no comparison. */
  readonly against: { readonly target: string; readonly boots: number; readonly forks: number } | undefined;
  readonly progress: (line: string) => void;
}

const never = new AbortController().signal;

/** Starts system containers of an image, one after the other, and kills osbench in the middle of others. */
export async function benchContainer({ image, runs, kills, against, progress }: ContainerBenchOptions): Promise<ContainerBench> {
  const runFolder = await makeWorkspace("bench");
  try {
    const [tools, target] = [await openTools("toolbox", { progress }), await findTarget("container")];
    const built = await buildImage(await findImage(image), { arch: target.arch, tools, progress });
    const context: WorkerContext = { run: "bench", runFolder, image: built, target, tools, accelerator: "native", bus: undefined };
    const seconds = { ready: [] as number[], command: [] as number[] };
    for (let run = 0; run < runs; run++) {
      const began = performance.now();
      const machine = await openMachine(context, { cell: `container${run}`, signal: never });
      try {
        await machine.boot();
        seconds.ready.push((performance.now() - began) / 1000);
        // A boot's end is found through the same shell: nobody is answered before.
        await machine.run("true");
        seconds.command.push((performance.now() - began) / 1000);
      } finally {
        await machine[Symbol.asyncDispose]();
      }
      progress(
        `run ${run + 1} of ${runs}: first command ${seconds.command.at(-1)?.toFixed(2)} s, ready ${seconds.ready.at(-1)?.toFixed(2)} s`,
      );
    }
    const left = await killRounds(image, kills, progress);
    const emulated = against && (await bootAndFork({ image, ...against, runFolder, progress }));
    return {
      readyMedianSeconds: median(seconds.ready),
      firstCommandMedianSeconds: median(seconds.command),
      kills: { rounds: kills, left },
      ...(emulated && { against: emulated }),
    };
  } finally {
    await rm(runFolder, { recursive: true, force: true });
  }
}

/** Kills `osbench shell` at moments spread over a container's start, and counts the rounds after which the host is not as it was. */
export async function killRounds(image: string, rounds: number, progress: (line: string) => void): Promise<number> {
  const osbench = join(import.meta.dirname, "../../harness/cli/main.ts");
  let left = 0;
  for (let round = 0; round < rounds; round++) {
    const child = execa(process.execPath, [osbench, "shell", image, "--target", "container", "--command", "sleep 60"], {
      reject: false,
      stdin: "ignore",
    });
    await later(300 + ((round * 377) % 4000));
    child.kill("SIGKILL");
    await child;
    const remains = await remainsOf(child.pid as number);
    if (remains.length > 0) left++;
    progress(`kill ${round + 1} of ${rounds}: ${remains.join(", ") || "nothing left"}`);
  }
  return left;
}

/**
 * What of an osbench process is still there, once those who clear away had ten seconds. A folder of one that was killed before its container began is
 * removed by whoever starts the next machine, and counts after that.
 */
export async function remainsOf(pid: number): Promise<string[]> {
  let remains: string[] = [];
  for (let tries = 0; tries < 100; tries++) {
    remains = [...(await processesOf(pid)), ...(await mountsOf(pid)), ...(await groupsOf(pid))];
    if (remains.length === 0 && (await foldersOf(pid)).length === 0) return [];
    await later(100);
  }
  await sweep();
  return [...remains, ...(await foldersOf(pid))];
}

async function processesOf(pid: number): Promise<string[]> {
  const found: string[] = [];
  for (const name of (await readdir("/proc")).filter((one) => /^\d+$/.test(one))) {
    const line = await readFile(`/proc/${name}/cmdline`, "utf8").catch(() => "");
    if (line.includes(`osb-vm-${pid}-`)) found.push(`process ${name}`);
  }
  return found;
}

async function mountsOf(pid: number): Promise<string[]> {
  const mounts = (await readFile("/proc/self/mountinfo", "utf8")).includes(`osb-vm-${pid}-`) ? ["mounts"] : [];
  const loops = await readdir("/sys/block").then((names) => names.filter((name) => name.startsWith("loop")));
  const used = await Promise.all(loops.map(async (name) => ((await busyLoop(name)) ? [`loop device ${name}`] : [])));
  return [...mounts, ...used.flat()];
}

/** A loop device of a disk in osbench's cache. */
async function busyLoop(name: string): Promise<boolean> {
  return (await readFile(`/sys/block/${name}/loop/backing_file`, "utf8").catch(() => "")).includes("/osbench/");
}

async function groupsOf(pid: number): Promise<string[]> {
  const roots = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"].filter((root) => existsSync(root));
  const names = (await Promise.all(roots.map((root) => readdir(root)))).flat();
  return names.filter((name) => name.startsWith(`osbench-${pid}-`)).map((name) => `control group ${name}`);
}

async function foldersOf(pid: number): Promise<string[]> {
  return (await readdir(tmpdir())).filter((name) => name.startsWith(`osb-vm-${pid}-`)).map((name) => `folder ${name}`);
}
