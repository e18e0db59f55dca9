import { firstThatFits, type Needs, type Room } from "./room.ts";

/** One piece of work that cannot be divided: a suite on one image in one target. */
export interface Job extends Needs {
  /** Milliseconds it should take. */
  readonly ms: number;
}

export interface Placement<T> {
  readonly job: T;
  /** The place it runs in, from 1; there are as many as machines run at once. */
  readonly slot: number;
  /** Milliseconds after the start. */
  readonly from: number;
  readonly to: number;
}

/** The longest first; equal ones stay in the order given. */
export function longestFirst<T extends { readonly ms: number }>(jobs: readonly T[]): T[] {
  return [...jobs].sort((a, b) => b.ms - a.ms);
}

/**
 * When each job would run if each took as long as it should: whenever a place gets free, the longest job that fits it starts (Graham's list scheduling,
 * SIAM J. Appl. Math. 17(2), 1969). `running` are under way already, with what is left of them. In the order the jobs start.
 */
export function simulate<T extends Job>(jobs: readonly T[], room: Room, running: readonly T[] = []): Placement<T>[] {
  const waiting = longestFirst(jobs);
  const placed: Placement<T>[] = running.map((job, index) => ({ job, slot: index + 1, from: 0, to: job.ms }));
  let open = [...placed];
  for (let now = 0; waiting.length > 0;) {
    const next = firstThatFits(
      waiting,
      open.map(({ job }) => job),
      room,
    );
    if (next === undefined) {
      now = Math.min(...open.map(({ to }) => to));
      open = open.filter(({ to }) => to > now);
      continue;
    }
    waiting.splice(waiting.indexOf(next), 1);
    const placement = { job: next, slot: freeSlot(open), from: now, to: now + next.ms };
    placed.push(placement);
    open.push(placement);
  }
  return placed;
}

/** Milliseconds until the last of them ends. */
export function endOf(placements: readonly Placement<unknown>[]): number {
  return placements.reduce((latest, { to }) => Math.max(latest, to), 0);
}

/**
 * No order of these jobs in this room takes less than their longest, or than all their work divided among its machines, its cores or its memory.
 * Milliseconds.
 */
export function lowerBound(jobs: readonly Job[], { machines, cores, memoryMiB }: Room): number {
  const longest = jobs.reduce((most, { ms }) => Math.max(most, ms), 0);
  // One that is too big for the room has all of it for itself.
  const share = (of: number, all: number) => Math.min(1, of / all);
  const work = (part: (job: Job) => number) => jobs.reduce((sum, job) => sum + job.ms * part(job), 0);
  return Math.max(
    longest,
    work(() => 1 / machines),
    work((job) => share(job.cores, cores)),
    work((job) => share(job.memoryMiB, memoryMiB)),
  );
}

function freeSlot(open: readonly Placement<unknown>[]): number {
  const taken = new Set(open.map(({ slot }) => slot));
  let slot = 1;
  while (taken.has(slot)) slot++;
  return slot;
}
