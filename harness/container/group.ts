import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as later } from "node:timers/promises";
import type { Examination } from "../model/hardware.ts";

/** Where the host shows version 2 of its control groups; undefined if nowhere. Source: proc_pid_mountinfo(5). */
export async function groupRoot(): Promise<string | undefined> {
  const mounts = await readFile("/proc/self/mountinfo", "utf8");
  return mounts
    .split("\n")
    .find((line) => line.includes(" - cgroup2 "))
    ?.split(" ")[4];
}

/** A group that used less of a processor than this part of the time waits for something. */
const idle = 0.01;

/** What a group's processes do: nothing for so long, or something. A kernel of the host's own cannot be asked more. Source: cgroups(7), cpu.stat. */
export async function examineGroup(name: string, forMs: number): Promise<Examination> {
  const root = await groupRoot();
  if (root === undefined) return { doing: "unknown", words: "this host shows no control groups of version 2" };
  const before = await usage(join(root, name));
  await later(forMs);
  const usedMs = ((await usage(join(root, name))) - before) / 1000;
  const words = `the container's processes used ${usedMs.toFixed(1)} ms of processor time in ${(forMs / 1000).toFixed(1)} s`;
  return { doing: usedMs < forMs * idle ? "halted" : "running", words };
}

async function usage(group: string): Promise<number> {
  return Number(/^usage_usec (\d+)/m.exec(await readFile(join(group, "cpu.stat"), "utf8"))?.[1] ?? Number.NaN);
}
