import type { Edition } from "./site-data.ts";
import { letters } from "./site-data.ts";
import type { SightingLine } from "./sighting-line.ts";

interface Known {
  readonly column: number;
  readonly version: number;
  readonly digest: number;
  first: number;
  last: number;
  readonly outcomes: Uint8Array;
  readonly revisions: Uint16Array;
}

/** Past control characters, quotes and the backslash, which would be longer in JSON. */
const firstRevision = 0x100;

/** The newest outcome of every cell under every build of its image: what two releases are compared by. Three bytes a row and build. */
export class Editions {
  readonly #rows: number;
  readonly #known = new Map<string, Known>();
  readonly #revisions = new Map<number, number>();

  constructor(rows: number) {
    this.#rows = rows;
  }

  /** Takes a cell's records, newest first. */
  add(row: number, column: number, sightings: readonly SightingLine[]): void {
    for (const { offset, version, digest, suiteDigest, started, outcome } of sightings) {
      // Where an image could not be built there is nothing to compare.
      if (offset < 0 || digest === 0) continue;
      const key = `${column} ${version} ${digest}`;
      let known = this.#known.get(key);
      if (!known) {
        const unknown = { outcomes: new Uint8Array(this.#rows).fill(32), revisions: new Uint16Array(this.#rows).fill(32) };
        known = { column, version, digest, first: started, last: started, ...unknown };
        this.#known.set(key, known);
      }
      known.first = Math.min(known.first, started);
      known.last = Math.max(known.last, started);
      if (known.outcomes[row] !== 32) continue;
      known.outcomes[row] = letters[outcome].charCodeAt(0);
      known.revisions[row] = firstRevision + this.#revision(suiteDigest);
    }
  }

  /** The builds of some columns, newest first. */
  of(columns: ReadonlySet<number>, texts: readonly string[]): Edition[] {
    return [...this.#known.values()]
      .filter(({ column }) => columns.has(column))
      .sort((a, b) => b.last - a.last || a.column - b.column || a.digest - b.digest)
      .map(({ column, version, digest, first, last, outcomes, revisions }) => ({
        ...{ column, version: texts[version]!, digest: texts[digest]!, first, last },
        outcomes: Buffer.from(outcomes).toString("latin1"),
        revisions: Array.from(revisions, (code) => String.fromCharCode(code)).join(""),
      }));
  }

  #revision(suiteDigest: number): number {
    const known = this.#revisions.get(suiteDigest) ?? this.#revisions.size;
    this.#revisions.set(suiteDigest, known);
    return known;
  }
}
