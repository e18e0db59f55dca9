import { firstThatFits, type Needs, type Room } from "./room.ts";

/** Somebody who is told what runs. Times are milliseconds since the epoch. */
export interface GateListener {
  started(job: string, at: number): void;
  ended(job: string, at: number): void;
}

interface Waiting extends Needs {
  readonly job: string;
  /** Called once it may start; missing while its worker is still on its way. */
  open?: { resolve(): void; reject(why: Error): void };
}

/**
 * Lets jobs start, in the order they were lined up in, as soon as the room has a place for them. A job that is too big for what is free now lets
 * smaller ones pass, but only those whose workers stand at the gate with it: `window` of them.
 */
export class Gate {
  readonly #room: Room;
  readonly #window: number;
  readonly #listener: GateListener;
  readonly #line: Waiting[] = [];
  readonly #running = new Map<string, Needs>();
  #closed: Error | undefined;
  /** Whether all that are lined up are known to come. */
  #allCome = true;

  constructor(room: Room, window: number, listener: GateListener) {
    this.#room = room;
    this.#window = window;
    this.#listener = listener;
  }

  /** Puts jobs at the end of the line. */
  lineUp(jobs: readonly (Needs & { readonly job: string })[]): void {
    this.#line.push(...jobs.map(({ job, memoryMiB, cores }) => ({ job, memoryMiB, cores })));
  }

  /** Resolves when the job may start; rejects once the gate is closed. One that was not lined up may start at once. */
  enter(job: string): Promise<void> {
    if (this.#closed) return Promise.reject(this.#closed);
    const waiting = this.#line.find((one) => one.job === job && one.open === undefined);
    if (waiting === undefined) return Promise.resolve();
    return new Promise((resolve, reject) => {
      waiting.open = { resolve, reject };
      this.#admit();
    });
  }

  /** The job has ended, or will never come. */
  leave(job: string): void {
    if (this.#running.delete(job)) this.#listener.ended(job, Date.now());
    else this.#remove(this.#line.find((one) => one.job === job));
    this.#admit();
  }

  /** A worker was lost on its way, nobody knows with which job: from now on those start that have come, in their order. */
  lost(): void {
    this.#allCome = false;
    this.#admit();
  }

  /** Nobody gets in any more. */
  close(why: Error): void {
    this.#closed = why;
    for (const { open } of this.#line.splice(0)) open?.reject(why);
  }

  #admit(): void {
    for (;;) {
      const candidates = this.#line.slice(0, this.#window).filter(({ open }) => this.#allCome || open !== undefined);
      const next = firstThatFits(candidates, [...this.#running.values()], this.#room);
      // One whose worker is still on its way gets its place when it arrives: it is longer than all behind it.
      if (next?.open === undefined) return;
      this.#remove(next);
      this.#running.set(next.job, next);
      this.#listener.started(next.job, Date.now());
      next.open.resolve();
    }
  }

  #remove(one: Waiting | undefined): void {
    if (one) this.#line.splice(this.#line.indexOf(one), 1);
  }
}
