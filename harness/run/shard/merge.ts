import { recordSchemaVersion, type CellRecord } from "../../model/record.ts";
import type { MergedFacts } from "../../model/shard.ts";
import type { Cell } from "../cell.ts";
import { kept, keyOf, teaches } from "../expectations.ts";
import { cellOfRecord } from "../view/words.ts";
import { Discord } from "./discord.ts";
import { expectCells, type PlannedUnit } from "./expected.ts";
import type { PartRun } from "./part.ts";
import { Sightings, type Expectation, type Sighting } from "./sightings.ts";

/** A record with the part it comes from, which is undefined for a cell nobody reached; `last` says that it is the one of its cell that counts. */
export interface MergedRecord {
  readonly record: CellRecord;
  readonly part: PartRun | undefined;
  readonly last: boolean;
}

export interface Merged {
  /** Reads them anew, one at a time. */
  records(): AsyncIterable<MergedRecord>;
  planned(): Iterable<Cell>;
  /** What the last passes of each cell took, as `Expectations` keeps it. */
  durations(): Iterable<readonly [string, readonly number[]]>;
  /** How many cells were planned and have no outcome. */
  readonly missing: number;
  readonly facts: MergedFacts;
}

/**
 * Makes one run of several: all their records, every attempt kept, the newest last, which is the one that counts; a cell that one part left without an
 * outcome and another did not, has the other's. A planned cell that no part recorded gets a record that says so, `plan`'s too. Reads every record twice
 * and holds one at a time, and of all only where they stand.
 */
export async function mergeRuns(parts: readonly PartRun[], run: string, plan: readonly PlannedUnit[] = []): Promise<Merged> {
  const sightings = new Sightings();
  const notes = await expectCells(parts, plan, sightings);
  const discord = new Discord();
  const facts = new Facts();
  const counts: number[] = [];
  for (const [number, part] of parts.entries()) {
    let count = 0;
    for await (const { record, offset, bytes } of part.records()) {
      count++;
      discord.add(record, part.run);
      facts.add(record);
      const { outcome, started, durationMs } = record;
      sightings.add(cellOfRecord(record), { part: number, offset, bytes, started: Date.parse(started), outcome, durationMs });
    }
    counts.push(count);
  }
  let repeated = 0;
  for (const { seen } of sightings.recorded()) if (seen.some(({ part }) => part !== seen[0].part)) repeated++;
  let missing = 0;
  for (const _ of sightings.missing()) missing++;
  return {
    missing,
    planned: () => sightings.cells(),
    *durations() {
      for (const { cell, seen } of sightings.recorded()) {
        const learned = settle(seen)
          .filter(({ outcome }) => teaches(outcome))
          .map(({ durationMs }) => durationMs);
        if (learned.length > 0) yield [keyOf(cell), learned.slice(-kept)];
      }
    },
    async *records() {
      for (const { seen } of sightings.recorded()) {
        const settled = settle(seen);
        for (const [index, { attempts, ...place }] of settled.entries()) {
          const part = parts[place.part]!;
          const record = await part.read(place);
          yield { record: { ...record, run, ...(attempts !== undefined && { attempts }) }, part, last: index === settled.length - 1 };
        }
      }
      for (const one of sightings.missing()) yield { record: notRun(one, run, facts), part: undefined, last: true };
    },
    facts: {
      from: parts.map((part, number) => factsOf(part, counts[number]!)),
      notes: [
        ...notes,
        ...(repeated === 0 ? [] : [`${repeated} cells were tried by more than one run; of each the newest outcome counts`]),
        ...discord.words(parts),
        ...parts.flatMap((part) =>
          part.damage.map(({ file, line, what }) => `run ${part.run}: ${file}${line === undefined ? "" : `:${line}`}: ${what}`),
        ),
      ],
    },
  };
}

/** The records of one cell in the order of their time; attempts of several runs are counted on. */
function settle(seen: readonly Sighting[]): readonly (Sighting & { readonly attempts?: number })[] {
  if (seen.every(({ part }) => part === seen[0]!.part)) return seen;
  const tried = seen.filter(({ outcome }) => outcome !== "not-run");
  const kept = tried.length > 0 ? tried : seen;
  return [...kept].sort((a, b) => a.started - b.started).map((one, index) => ({ ...one, attempts: index + 1 }));
}

/** What records say of an image in a target and of a suite, once each: for cells that have none. */
class Facts {
  readonly #columns = new Map<string, Pick<CellRecord, "image" | "target">>();
  readonly #suites = new Map<string, CellRecord["suite"]>();

  add({ image, target, suite }: CellRecord): void {
    const column = JSON.stringify([image.name, target.name]);
    if (!this.#columns.has(column)) this.#columns.set(column, { image, target });
    if (!this.#suites.has(suite.name)) this.#suites.set(suite.name, suite);
  }

  of({ image, target, suite }: Cell): Pick<CellRecord, "image" | "target" | "suite"> {
    // What nobody prepared has no facts: they stay empty, as for an image that could not be built.
    return {
      image: { name: image, version: "", digest: "", form: "" },
      target: { name: target, kind: "unknown", arch: "", machine: "", accelerator: "none" },
      ...this.#columns.get(JSON.stringify([image, target])),
      suite: this.#suites.get(suite) ?? { name: suite, digest: "", file: "" },
    };
  }
}

function notRun({ cell, why, since }: Expectation & { readonly cell: Cell }, run: string, facts: Facts): CellRecord {
  return {
    ...{ schema: recordSchemaVersion, run, ...facts.of(cell), test: cell.test },
    ...{ outcome: "not-run", reason: why, started: since, durationMs: 0, attempts: 1, machines: [], evidence: [] },
  };
}

function factsOf({ run, provenance }: PartRun, records: number): MergedFacts["from"][number] {
  if (!provenance) return { run, records };
  const { shard, started, finished, host, osbench } = provenance;
  return {
    run,
    ...(shard && { shard: `${shard.index}/${shard.of}` }),
    started,
    ...(finished !== undefined && { finished }),
    host: `${host.os}, ${host.cores} cores, ${host.memoryMiB} MiB`,
    ...(osbench.revision !== undefined && { revision: osbench.revision }),
    records,
  };
}
