import { cellsOfShard, type ShardFacts } from "../../model/shard.ts";
import type { Cell } from "../cell.ts";
import type { PartRun } from "./part.ts";
import type { Sightings } from "./sightings.ts";

/** A suite on one image in one target with its claims, as a plan lists it. */
export type PlannedUnit = Pick<ShardFacts["units"][number], "image" | "target" | "suite" | "tests">;

/**
 * Tells of every cell that the parts planned, that shards without any trace were to do, and that a plan lists. Returns what there is to say about parts
 * that did not end or never were.
 */
export async function expectCells(
  parts: readonly PartRun[],
  plan: readonly PlannedUnit[],
  sightings: Pick<Sightings, "expect" | "isExpected">,
): Promise<string[]> {
  const notes: string[] = [];
  const oldest = parts
    .map(({ provenance }) => provenance?.started ?? "")
    .filter(Boolean)
    .sort()[0];
  const since = oldest ?? new Date().toISOString();
  for (const part of parts) {
    const { run, provenance } = part;
    const name = nameOf(part);
    if (!provenance) notes.push(`${name} does not say what it planned: its run.json is missing or damaged`);
    else if (provenance.finished === undefined) notes.push(`${name} did not finish: it was killed, or still runs`);
    const why =
      provenance?.finished === undefined ? `${name} ended before this cell was reached` : `${name} finished without a record of it`;
    const planned = await part.planned();
    sightings.expect(planned, why, provenance?.started ?? since);
    // A run that was killed early has not yet said what its own shard holds.
    if (provenance && planned.length === 0 && provenance.shard)
      sightings.expect(
        cellsOfShard(provenance.shard, provenance.shard.index),
        `run ${run} ended before this cell was reached`,
        provenance.started,
      );
  }
  const divided = parts.flatMap((part) => (part.provenance?.shard ? [{ part, shard: part.provenance.shard }] : []));
  const [first, ...others] = divided;
  for (const { part, shard } of others) {
    if (JSON.stringify(shard.units) === JSON.stringify(first?.shard.units)) continue;
    notes.push(
      `${nameOf(part)} divides the matrix otherwise than ${nameOf(first!.part)}: cells may have been tried twice or by nobody; ` +
        "give all shards the same suites, images, targets, --filter and --durations, and run them with the same osbench",
    );
  }
  for (const { shard } of divided) {
    const there = new Set(divided.map((one) => one.shard.index));
    for (let index = 1; index <= shard.of; index++) {
      const cells = cellsOfShard(shard, index);
      if (there.has(index) || cells.length === 0) continue;
      const note = `shard ${index}/${shard.of} left nothing: no run of it was given, and ${cells.length} cells are its`;
      if (!notes.includes(note)) notes.push(note);
      sightings.expect(cells, `shard ${index}/${shard.of} left nothing`, since);
    }
  }
  const absent = plan.flatMap(cellsOf).filter((cell) => !sightings.isExpected(cell));
  if (absent.length > 0) notes.push(`${absent.length} cells of the plan were planned by none of the runs given`);
  sightings.expect(absent, "the plan lists this cell, and no run of it was given", since);
  return notes;
}

function nameOf({ run, provenance }: PartRun): string {
  const shard = provenance?.shard;
  return shard === undefined ? `run ${run}` : `shard ${shard.index}/${shard.of} (run ${run})`;
}

function cellsOf({ image, target, suite, tests }: PlannedUnit): Cell[] {
  return tests.map((test) => ({ image, target, suite, test }));
}
