import type { Collected } from "./collect.ts";
import type { SightingLine } from "./sighting-line.ts";

/**
 * What counts of a cell's sightings, newest first. A plan counts only where its run left no record: an older pass must not stand in for a
 * result that a newer run set out to get and did not get. A record that two copies of a run hold counts once, for the fuller copy;
 * `own` counts what each run directory alone holds.
 */
export function whatCounts(lines: readonly SightingLine[], { heads, records }: Collected, own: number[]): SightingLine[] {
  const recorded = new Set(lines.filter((line) => line.offset >= 0).map((line) => heads[line.head]!.run));
  const seen = new Map<string, number>();
  const planned = new Set<string>();
  const counted: SightingLine[] = [];
  // The fullest copy first, so that one cut short while copying is covered by it.
  const order = lines.some((line) => line.hash !== "")
    ? [...lines].sort((a, b) => records[b.head]! - records[a.head]! || a.sequence - b.sequence)
    : lines;
  for (const line of order) {
    const { run } = heads[line.head]!;
    if (line.offset < 0) {
      if (recorded.has(run) || planned.has(run)) continue;
      planned.add(run);
    } else if (line.hash !== "") {
      const key = `${run}\n${line.hash}`;
      const first = seen.get(key);
      if (first !== undefined && first !== line.head) continue;
      seen.set(key, line.head);
      own[line.head]!++;
    }
    counted.push(line);
  }
  // Within one run what was written later is newer, whatever its clock did in between.
  const latest = new Map<number, number>();
  for (const { head, started } of counted) latest.set(head, Math.max(started, latest.get(head) ?? -Infinity));
  return counted.sort((a, b) => latest.get(b.head)! - latest.get(a.head)! || b.sequence - a.sequence);
}
