import { before, phases } from "../../model/phase.ts";
import type { CellRecord } from "../../model/record.ts";
import type { TrendPoint } from "./site-data.ts";

interface Sample {
  readonly durations: Readonly<Record<string, number>>;
}

interface Current {
  version: string;
  readonly boots: Map<string, Sample>;
}

const wayUp: ReadonlySet<string> = new Set(phases.filter((phase) => phase !== "off" && before(phase, "ready")));
/** Enough for a median. */
const mostBoots = 1000;
/** Longer series are not read; the newest points stay. */
const mostPoints = 200;

/** Medians of what each phase of a boot took, by column and run. A boot that several records tell of counts once. */
export class BootTimes {
  readonly #points = new Map<number, TrendPoint[]>();
  #current = new Map<number, Current>();

  add(column: number, record: CellRecord): void {
    for (const { argvDigest, boots } of record.machines) {
      for (const { id, number, totalMs, durations: all } of boots) {
        // A boot is the way up: how long a machine then was ready, or took to go down, is the test's doing.
        const durations = Object.fromEntries(Object.entries(all).filter(([phase]) => wayUp.has(phase)));
        if (Object.values(durations).every((ms) => ms === 0)) continue;
        const known = this.#current.get(column) ?? { version: "", boots: new Map<string, Sample>() };
        this.#current.set(column, known);
        known.version = record.image.version;
        if (known.boots.size < mostBoots) known.boots.set(id ?? `${argvDigest ?? ""} ${number} ${totalMs}`, { durations });
      }
    }
  }

  endOfRun(run: string, started: number): void {
    for (const [column, { version, boots }] of this.#current) {
      const samples = [...boots.values()];
      const names = [...new Set(samples.flatMap((sample) => Object.keys(sample.durations)))];
      const phases = Object.fromEntries(names.map((name) => [name, median(samples.flatMap((sample) => sample.durations[name] ?? []))]));
      const point = { run, started, version, boots: samples.length, phases };
      const points = this.#points.get(column) ?? [];
      this.#points.set(column, points);
      // A copy of a run, whole or cut short, is the same run.
      const same = points.findIndex((known) => known.run === run);
      if (same < 0) points.push(point);
      else if (points[same]!.boots < point.boots) points[same] = point;
      if (points.length > mostPoints) points.shift();
    }
    this.#current = new Map();
  }

  /** Points of a column, oldest first. */
  of(column: number): readonly TrendPoint[] {
    return this.#points.get(column) ?? [];
  }
}

function median(values: number[]): number {
  const sorted = values.sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return Math.round(sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2);
}
