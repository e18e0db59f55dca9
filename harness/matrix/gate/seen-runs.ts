import path from "node:path";
import type { Damage } from "../read-run.ts";
import { whatCounts } from "../site/cell-sightings.ts";
import type { Collected } from "../site/collect.ts";
import { unpackSighting, type SightingLine } from "../site/sighting-line.ts";
import type { Spill } from "../site/spill.ts";
import { SeenByRow, type Observation, type Seen } from "./seen.ts";

/** What was seen by what was collected of run directories: of each record only what is decided by. Good while the spill is open. */
export function seenIn(collected: Collected, spill: Spill): Seen {
  const { rows, columns, damage, heads } = collected;
  const own = heads.map(() => 0);
  return new SeenByRow({
    ...{ rows, columns, spill },
    damage: damage.flat().map(damageWords),
    observed: (lines) =>
      [...Map.groupBy(lines.map(unpackSighting), (line) => line.column)].map(
        ([column, same]) => [column, observationsOf(whatCounts(same, collected, own), collected)] as const,
      ),
  });
}

/** What sightings say to the gate, in their order. */
export function observationsOf(sightings: readonly SightingLine[], { texts: { texts } }: Pick<Collected, "texts">): Observation[] {
  const named = (number: number) => texts[number] || undefined;
  return sightings.map(({ outcome, started, version, digest, suiteDigest, message }) => ({
    outcome,
    started: new Date(started).toISOString(),
    version: texts[version] ?? "",
    digest: named(digest),
    suiteDigest: named(suiteDigest),
    message: message || undefined,
  }));
}

function damageWords({ folder, file, line, what }: Damage): string {
  return `${path.relative("", path.join(folder, file))}${line === undefined ? "" : `:${line}`}: ${what}`;
}
