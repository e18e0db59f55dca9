import path from "node:path";
import type { Outcome } from "../../model/record.ts";
import type { Damage } from "../read-run.ts";
import { whatCounts } from "../site/cell-sightings.ts";
import type { Collected } from "../site/collect.ts";
import { unpackSighting, type SightingLine } from "../site/sighting-line.ts";
import type { Spill } from "../site/spill.ts";

/** One outcome of a cell, and what it is an outcome of. */
export interface Observation {
  readonly outcome: Outcome;
  readonly started: string;
  /** Of the image; empty where it is not known. */
  readonly version: string;
  /** Of the image that was tested; undefined for an image that could not be built. */
  readonly digest: string | undefined;
  /** Of the suite as it was run; undefined where it is not known. */
  readonly suiteDigest: string | undefined;
  /** First line of the failure, or the reason. */
  readonly message: string | undefined;
}

/** A cell with everything that was ever seen of it, newest first, at least one. */
export interface SeenCell {
  readonly image: string;
  readonly target: string;
  readonly suite: string;
  readonly test: string;
  readonly seen: readonly [Observation, ...Observation[]];
}

export interface Seen {
  readonly cells: readonly SeenCell[];
  /** Damage that may hide outcomes, as `file:line: what`. */
  readonly damage: readonly string[];
}

/** What was seen by what was collected of run directories: of each record only what is decided by. */
export function seenIn(collected: Collected, spill: Spill): Seen {
  const own = collected.heads.map(() => 0);
  const columnOf = new Map(collected.columns.ordered().map(({ column, met }) => [met, column] as const));
  const cells = collected.rows.ordered().flatMap(({ suite, met }) =>
    met.flatMap((row, place) =>
      [...Map.groupBy(spill.read(row).map(unpackSighting), (line) => line.column)].map(([column, lines]): SeenCell => {
        const { image, target } = columnOf.get(column)!;
        const seen = whatCounts(lines, collected, own).map((line) => observationOf(line, collected.texts.texts));
        return { image, target, suite: suite.suite, test: suite.tests[place]!, seen: seen as unknown as SeenCell["seen"] };
      }),
    ),
  );
  return { cells, damage: collected.damage.flat().map(damageWords) };
}

function observationOf({ outcome, started, version, digest, suiteDigest, message }: SightingLine, texts: readonly string[]): Observation {
  const named = (number: number) => texts[number] || undefined;
  return {
    outcome,
    started: new Date(started).toISOString(),
    version: texts[version] ?? "",
    digest: named(digest),
    suiteDigest: named(suiteDigest),
    message: message || undefined,
  };
}

function damageWords({ folder, file, line, what }: Damage): string {
  return `${path.relative("", path.join(folder, file))}${line === undefined ? "" : `:${line}`}: ${what}`;
}
