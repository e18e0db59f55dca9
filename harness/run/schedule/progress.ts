import type { Cell } from "../cell.ts";
import { cellKey } from "../cell.ts";
import type { Estimate } from "./estimate.ts";
import type { GateListener } from "./gate.ts";
import type { Room } from "./room.ts";
import { endOf, simulate, type Job } from "./simulate.ts";
import { jobOf, type Unit } from "./unit.ts";

interface Part {
  readonly key: string;
  readonly ms: number;
}

interface Course {
  readonly unit: Unit;
  open: Part[];
  /** When what it does now began; undefined while it does not run. */
  since: number | undefined;
}

/** Follows a run: what is left of each suite, and how long all of it should still take. */
export class Progress implements GateListener {
  readonly #room: Room;
  readonly #estimate: (cell: Cell) => Estimate;
  readonly #courses: ReadonlyMap<string, Course>;

  constructor(units: readonly Unit[], room: Room, estimate: (cell: Cell) => Estimate) {
    this.#room = room;
    this.#estimate = estimate;
    const course = (unit: Unit): Course => ({ unit, open: this.#parts(unit.cells), since: undefined });
    this.#courses = new Map(units.map((unit) => [jobOf(unit), course(unit)]));
  }

  started(job: string, at: number): void {
    const course = this.#courses.get(job);
    if (!course) return;
    course.since = at;
    // Started once more: all of it is to be done again.
    if (course.open.length === 0) course.open = this.#parts(course.unit.cells);
  }

  ended(job: string): void {
    const course = this.#courses.get(job);
    if (!course) return;
    course.since = undefined;
    course.open = [];
  }

  /** A cell has its record. */
  settled(cell: Cell, at: number): void {
    const key = cellKey(cell);
    for (const course of this.#courses.values()) {
      const before = course.open.length;
      course.open = course.open.filter((part) => part.key !== key);
      if (course.open.length < before && course.since !== undefined) course.since = at;
    }
  }

  /** Milliseconds until the run should be over. */
  remaining(at: number): number {
    const courses = [...this.#courses.values()].filter(({ open }) => open.length > 0);
    const running = courses.filter(({ since }) => since !== undefined).map((course) => jobFor(course, at));
    const waiting = courses.filter(({ since }) => since === undefined).map((course) => jobFor(course, at));
    return endOf(simulate<Job>(waiting, this.#room, running));
  }

  #parts(cells: readonly Cell[]): Part[] {
    return cells.map((cell) => ({ key: cellKey(cell), ms: this.#estimate(cell).ms }));
  }
}

/** What is left of a suite; a claim that takes longer than it should may end at any moment. */
function jobFor({ unit, open, since }: Course, at: number): Job {
  const left = open.reduce((sum, { ms }) => sum + ms, 0);
  const gone = since === undefined ? 0 : Math.min(at - since, open[0]?.ms ?? 0);
  return { memoryMiB: unit.memoryMiB, cores: unit.cores, ms: Math.max(0, left - gone) };
}
