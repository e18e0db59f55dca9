import type { Problem } from "../model/errors.ts";
import { overheadMiB, type Needs, type Room } from "./schedule/room.ts";

export interface CapacityNeed {
  /** What each suite on each image and target takes of the host. */
  readonly jobs: readonly Needs[];
  readonly cores: number;
  readonly freeMiB: number;
  /** What the user allows at most. */
  readonly workers?: number | undefined;
}

export interface Capacity {
  readonly room: Room;
  /** What keeps more machines from running at once. */
  readonly reason: string;
}

/** Decides how many machines may run at once, and says why not more. */
export function capacityOf({ jobs, cores, freeMiB, workers }: CapacityNeed): Capacity {
  const smallest = { memoryMiB: least(jobs.map(({ memoryMiB }) => memoryMiB)), cores: least(jobs.map((job) => job.cores)) };
  const shares = [...new Set(jobs.map((job) => job.cores))].sort((a, b) => a - b);
  const limits = [
    { machines: jobs.length, reason: jobs.length === 1 ? "there is one suite to run" : `there are ${jobs.length} suites to run` },
    {
      machines: Math.floor(cores / smallest.cores),
      reason: `${cores} cores${shares.length > 1 ? `, a machine takes ${shares.join(" or ")}` : ""}`,
    },
    { machines: fitting(jobs, freeMiB), reason: `${freeMiB} MiB of free memory, ${smallest.memoryMiB} MiB a machine at least` },
    ...(workers === undefined ? [] : [{ machines: workers, reason: `--workers ${workers}` }]),
  ];
  const tightest = limits.reduce((few, limit) => (limit.machines < few.machines ? limit : few));
  return { room: { machines: Math.max(1, tightest.machines), memoryMiB: freeMiB, cores }, reason: tightest.reason };
}

/** Machines that could not run even alone. `freeMiB` is what the host can give now. */
export function memoryProblems(guests: readonly { readonly name: string; readonly memoryMiB: number }[], freeMiB: number): Problem[] {
  return guests
    .filter(({ memoryMiB }) => memoryMiB + overheadMiB > freeMiB)
    .map(({ name, memoryMiB }) => ({
      at: { flag: "osbench" },
      what: `a machine for ${name} does not fit on this host: it has ${memoryMiB} MiB, QEMU about ${overheadMiB} MiB of its own, and ${freeMiB} MiB are free`,
      remedy: "End what uses the memory, or give the machine less: `memory` in image.yaml or target.yaml, --memory for a disk.",
    }));
}

/** How many of the smallest fit together. */
function fitting(jobs: readonly Needs[], freeMiB: number): number {
  let left = freeMiB;
  const sizes = jobs.map(({ memoryMiB }) => memoryMiB).sort((a, b) => a - b);
  const first = sizes.findIndex((size) => (left -= size) < 0);
  return first < 0 ? Infinity : first;
}

function least(numbers: readonly number[]): number {
  return numbers.length === 0 ? 1 : Math.min(...numbers);
}
