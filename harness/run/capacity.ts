import type { Accelerator } from "../model/context.ts";

/** QEMU, swtpm and the worker beside the guest's own memory, in MiB. */
export const overheadMiB = 300;

/** How many machines a core carries: an emulated one computes all the time, a virtualised one mostly waits. */
const machinesPerCore: Readonly<Record<Accelerator, number>> = { tcg: 1, kvm: 2 };

export interface CapacityNeed {
  /** Memory and accelerator of every combination in the run; the hungriest decides, since any may run beside itself. */
  readonly guests: readonly { readonly memoryMiB: number; readonly accelerator: Accelerator }[];
  readonly cores: number;
  readonly freeMiB: number;
  /** What the user allows at most. */
  readonly workers?: number | undefined;
  /** More workers than suite files have nothing to do. */
  readonly files: number;
}

/** Decides how many machines may run at once, and says why not more. At least one, even where it may not fit: the guest then fails by itself. */
export function capacityOf({ guests, cores, freeMiB, workers, files }: CapacityNeed): { machines: number; reason: string } {
  const memory = Math.max(0, ...guests.map((guest) => guest.memoryMiB)) + overheadMiB;
  const perCore = Math.min(...guests.map((guest) => machinesPerCore[guest.accelerator]), machinesPerCore.kvm);
  const limits = [
    { machines: files, reason: files === 1 ? "there is one suite to run" : `there are ${files} suites to run` },
    { machines: cores * perCore, reason: `${cores} cores` },
    { machines: Math.floor(freeMiB / memory), reason: `${freeMiB} MiB of free memory, ${memory} MiB a machine` },
    ...(workers === undefined ? [] : [{ machines: workers, reason: `--workers ${workers}` }]),
  ];
  const tightest = limits.reduce((least, limit) => (limit.machines < least.machines ? limit : least));
  return { machines: Math.max(1, tightest.machines), reason: tightest.reason };
}
