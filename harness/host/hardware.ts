import { readFile, statfs } from "node:fs/promises";
import { availableParallelism, machine, release, totalmem } from "node:os";
import { architectures, type Architecture } from "../model/target.ts";

/** What the host is made of. */
export interface Hardware {
  readonly os: string;
  readonly kernel: string;
  readonly arch: string;
  readonly cores: number;
  readonly memoryMiB: number;
  /** What can be taken now without swapping (MemAvailable, bounded by this process's cgroup). */
  readonly availableMiB: number;
}

/** The host's architecture in osbench's words; undefined if no target can be of it. */
export function hostArchitecture(): Architecture | undefined {
  return architectures.find((name) => name === machine());
}

/** Measures the host: cores and memory that this process may really use. */
export async function hardware(): Promise<Hardware> {
  const osRelease = await readFile("/etc/os-release", "utf8").catch(() => "");
  const limit = await cgroupMemory();
  const available = Number(/^MemAvailable:\s+(\d+) kB/m.exec(await readFile("/proc/meminfo", "utf8"))?.[1] ?? 0) * 1024;
  return {
    os: /^PRETTY_NAME="?([^"\n]*)/m.exec(osRelease)?.[1] ?? process.platform,
    kernel: release(),
    arch: machine(),
    cores: availableParallelism(),
    memoryMiB: mib(Math.min(totalmem(), limit.total)),
    availableMiB: mib(Math.min(available, limit.free)),
  };
}

/** Memory limit of this process's control group (cgroups(7), version 2), with what is left of it; infinite where there is none. */
async function cgroupMemory(): Promise<{ total: number; free: number }> {
  const group = /^0::(\S+)/m.exec(await readFile("/proc/self/cgroup", "utf8").catch(() => ""))?.[1];
  if (group === undefined) return { total: Infinity, free: Infinity };
  const read = async (name: string) => Number(await readFile(`/sys/fs/cgroup${group}/${name}`, "utf8").catch(() => "max"));
  const total = await read("memory.max");
  const used = await read("memory.current");
  if (!Number.isFinite(total)) return { total: Infinity, free: Infinity };
  return { total, free: total - (Number.isFinite(used) ? used : 0) };
}

/** Free space for ordinary users in the file system of a folder, in MiB. */
export async function freeMiB(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return mib(bavail * bsize);
}

function mib(bytes: number): number {
  return Math.floor(bytes / 2 ** 20);
}
