import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { median } from "./median.ts";

export interface StartupBench {
  readonly runs: readonly number[];
  /** From `osbench run` as typed to its first machine's QEMU, in seconds. */
  readonly medianSeconds: number;
  /** What the same launcher takes to run an empty program: sh, and Node. */
  readonly floorSeconds: number;
  readonly ratio: number;
}

const root = join(import.meta.dirname, "../..");
const suite = join(root, "harness/run/testdata/suites/starts.suite.yaml");

/** Starts tiny as people do, and looks when its machine's process was; beside it, what cannot be saved. Throws if a run does not pass. */
export async function benchStartup(runs: number, progress: (line: string) => void): Promise<StartupBench> {
  const folder = await mkdtemp(join(tmpdir(), "osbench-startup-"));
  try {
    const pairs: { seconds: number; floor: number }[] = [];
    for (let index = 0; index < runs; index++) {
      const pair = { floor: await floor(), seconds: await toFirstMachine(join(folder, String(index))) };
      progress(`run ${index + 1}: first machine after ${pair.seconds.toFixed(2)} s, an empty program takes ${pair.floor.toFixed(2)} s`);
      pairs.push(pair);
    }
    const seconds = pairs.map((pair) => pair.seconds);
    const [medianSeconds, floorSeconds] = [median(seconds), median(pairs.map((pair) => pair.floor))];
    return { runs: seconds, medianSeconds, floorSeconds, ratio: medianSeconds / floorSeconds };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function toFirstMachine(out: string): Promise<number> {
  const began = Date.now();
  const argv = ["run", suite, "--image", "tiny", "--filter", "starts", "--workers", "1", "--no-live", "--out", out];
  await execa(join(root, "osbench"), argv, { cwd: root, stdin: "ignore" });
  const evidence = join(out, "evidence");
  const started = await Promise.all(
    (await readdir(evidence)).map(async (cell) => (await stat(join(evidence, cell, "qemu.log"))).birthtimeMs),
  );
  return (Math.min(...started) - began) / 1000;
}

async function floor(): Promise<number> {
  const began = performance.now();
  await execa("sh", [join(root, "scripts/node.sh"), "-e", "0"], { stdin: "ignore" });
  return (performance.now() - began) / 1000;
}
