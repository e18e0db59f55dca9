import type { Accelerator } from "../../model/context.ts";

/** QEMU, swtpm and the worker beside the guest's own memory, in MiB. */
export const overheadMiB = 300;

/** What a core's share of one machine is: an emulated one computes all the time, others mostly wait. */
const coresPerMachine: Readonly<Record<Accelerator, number>> = { tcg: 1, kvm: 0.5, native: 0.5 };

/** The share of a core a machine takes; all of it if nobody knows what it runs on. */
export function coresOf(accelerator: string): number {
  return (coresPerMachine as Readonly<Record<string, number | undefined>>)[accelerator] ?? 1;
}

/** What one machine takes of the host while it runs. */
export interface Needs {
  readonly memoryMiB: number;
  readonly cores: number;
}

/** What the host has for machines. */
export interface Room extends Needs {
  /** So many at once, and not more. */
  readonly machines: number;
}

export function needsOf(guest: { readonly memoryMiB: number; readonly accelerator: Accelerator }): Needs {
  return { memoryMiB: guest.memoryMiB + overheadMiB, cores: coresOf(guest.accelerator) };
}

/**
 * Which of those that wait may start beside those that run: the first, in the order they stand in, that the room has a place for. Undefined if none
 * fits now. Where nothing runs the first may always start: waiting would not make it smaller.
 */
export function firstThatFits<T extends Needs>(waiting: readonly T[], running: readonly Needs[], room: Room): T | undefined {
  if (running.length === 0) return waiting[0];
  if (running.length >= room.machines) return undefined;
  const memoryMiB = room.memoryMiB - running.reduce((sum, one) => sum + one.memoryMiB, 0);
  const cores = room.cores - running.reduce((sum, one) => sum + one.cores, 0);
  return waiting.find((one) => one.memoryMiB <= memoryMiB && one.cores <= cores);
}
