import { Columns } from "../site/columns.ts";
import { Rows } from "../site/rows.ts";
import type { Spill } from "../site/spill.ts";
import { SeenByRow, type Observation, type Seen, type SeenCell } from "./seen.ts";

/** Cells from any number of sources, put by on disk. What several sources have of one cell is its history: which was named last says nothing. */
export class SeenStore {
  readonly #rows = new Rows();
  readonly #columns = new Columns();
  readonly #spill: Spill;

  constructor(spill: Spill) {
    this.#spill = spill;
  }

  add({ image, target, suite, test, seen }: SeenCell): void {
    const told = seen.map(({ outcome, started, version, digest, suiteDigest, message }) => [
      ...[outcome, started, version, digest ?? null, suiteDigest ?? null, message ?? null],
    ]);
    this.#spill.add(this.#rows.number(suite, test), JSON.stringify([this.#columns.number(image, target), told]));
  }

  /** All that was added. */
  seen(damage: readonly string[]): Seen {
    this.#rows.endOfRun();
    return new SeenByRow({ rows: this.#rows, columns: this.#columns, spill: this.#spill, damage, observed });
  }
}

type Told = readonly [Observation["outcome"], string, string, string | null, string | null, string | null];

function observed(lines: readonly string[]): [number, Observation[]][] {
  const byColumn = Map.groupBy(
    lines.map((line) => JSON.parse(line) as [column: number, told: Told[]]),
    ([column]) => column,
  );
  return [...byColumn].map(([column, sources]) => {
    const seen = sources.flatMap(([, told]) => told.map(observationOf));
    return [column, sources.length === 1 ? seen : seen.sort((a, b) => Date.parse(b.started) - Date.parse(a.started))];
  });
}

function observationOf([outcome, started, version, digest, suiteDigest, message]: Told): Observation {
  return {
    ...{ outcome, started, version, digest: digest ?? undefined, suiteDigest: suiteDigest ?? undefined, message: message ?? undefined },
  };
}
