import { rm } from "node:fs/promises";
import { join } from "node:path";
import { proveAccelerator } from "../../harness/host/accelerator.ts";
import { claimMachine } from "../../harness/host/lock.ts";
import { openTools } from "../../harness/host/toolbox.ts";
import { spawnTool } from "../../harness/host/tools.ts";
import { makeWorkspace } from "../../harness/host/workspace.ts";
import { buildImage } from "../../harness/image/build.ts";
import { findImage } from "../../harness/image/manifest.ts";
import { openMachine } from "../../harness/machine/open.ts";
import type { QemuAccelerator, WorkerContext } from "../../harness/model/context.ts";
import { qemuArgv } from "../../harness/qemu/argv.ts";
import { prepareQemu } from "../../harness/qemu/open.ts";
import { Qmp } from "../../harness/qemu/qmp.ts";
import { startTpm } from "../../harness/qemu/swtpm.ts";
import { findTarget } from "../../harness/machine/targets.ts";
import { shellPorts } from "../../harness/shell/channel-shell.ts";

export interface BootBench {
  /** Seconds from switching on to the login prompt. */
  readonly pairs: readonly { readonly harness: number; readonly bare: number; readonly ratio: number }[];
  /** Median of the pairs' ratios harness/bare. */
  readonly ratio: number;
}

/** Boots the same image in turn under the harness and under bare QEMU with the same command line, each until its login prompt. */
export async function benchBoot(options: { image: string; pairs: number; progress: (line: string) => void }): Promise<BootBench> {
  const claim = await claimMachine("bench boot");
  const runFolder = await makeWorkspace("bench");
  try {
    const context = await prepare(options.image, runFolder, options.progress);
    const pairs = [];
    for (let index = 0; index < options.pairs; index++) {
      // The order changes from pair to pair: a host that warms up or slows down favours neither.
      const first = index % 2 === 0;
      const early = first ? await harness(context, index) : await bare(context, index);
      const late = first ? await bare(context, index) : await harness(context, index);
      const pair = first ? { harness: early, bare: late } : { harness: late, bare: early };
      pairs.push({ ...pair, ratio: pair.harness / pair.bare });
      options.progress(`pair ${index + 1} of ${options.pairs}: harness ${pair.harness.toFixed(2)} s, bare ${pair.bare.toFixed(2)} s`);
    }
    const sorted = pairs.map(({ ratio }) => ratio).sort((a, b) => a - b);
    return { pairs, ratio: sorted[Math.floor(sorted.length / 2)] as number };
  } finally {
    await rm(runFolder, { recursive: true, force: true });
    await claim[Symbol.asyncDispose]();
  }
}

async function prepare(image: string, runFolder: string, progress: (line: string) => void): Promise<WorkerContext> {
  const signal = new AbortController().signal;
  const target = await findTarget("x86_64");
  const tools = await openTools("toolbox", { progress, signal });
  const { accelerator } = await proveAccelerator(tools, target.arch);
  const built = await buildImage(await findImage(image), { arch: target.arch, tools, progress, signal });
  return { run: "bench", runFolder, image: built, target, tools, accelerator, bus: undefined };
}

async function harness(context: WorkerContext, index: number): Promise<number> {
  const machine = await openMachine(context, { cell: `harness${index}`, signal: new AbortController().signal });
  try {
    const started = performance.now();
    await Promise.all([machine.boot("firmware"), machine.console.expect(/\S+ login: /, { from: 0, timeoutMs: 600_000 })]);
    return (performance.now() - started) / 1000;
  } finally {
    await machine[Symbol.asyncDispose]();
  }
}

async function bare(context: WorkerContext, index: number): Promise<number> {
  const signal = new AbortController().signal;
  const { image, target, tools, accelerator } = context;
  const { disk, format = "raw" } = image.manifest.versions[0] ?? {};
  const parts = await prepareQemu(
    {
      ...{ name: `bare${index}`, target, tools, memoryMiB: image.manifest.memory, evidenceFolder: context.runFolder },
      accelerator: accelerator as QemuAccelerator,
      disks: [{ file: join(image.folder, disk ?? ""), format }],
      ...{ credentials: [], certificates: [], ports: Object.values(shellPorts), updateAddress: undefined },
    },
    signal,
  );
  const { spec, lines, tpmState } = parts;
  try {
    const started = performance.now();
    if (spec.tpm && tpmState) await startTpm(tools, tpmState, spec.tpm.socket, signal);
    const connected = lines.monitor.next(signal);
    const serial = lines.serial.connect();
    for (const listener of lines.ports.values()) void listener.next(signal).then((socket) => socket.resume());
    const qemu = spawnTool(tools, qemuArgv(spec), { stdout: "ignore", stderr: "inherit" });
    const monitor = await connected;
    const prompt = new Promise<void>((resolve) => {
      let tail = "";
      serial.on("data", (bytes: Buffer) => {
        tail = (tail + bytes.toString("latin1")).slice(-200);
        if (/\S+ login: /.test(tail)) resolve();
      });
      serial.resume();
    });
    const qmp = new Qmp(monitor);
    await qmp.negotiate(signal);
    await qmp.execute("cont");
    await prompt;
    const seconds = (performance.now() - started) / 1000;
    qemu.kill("SIGKILL");
    await qemu;
    return seconds;
  } finally {
    await parts.release();
  }
}
