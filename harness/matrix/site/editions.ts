import type { Edition } from "./site-data.ts";
import { letters } from "./site-data.ts";
import type { SightingLine } from "./sighting-line.ts";

interface Known {
  readonly column: number;
  readonly version: number;
  readonly digest: number;
  first: number;
  last: number;
  /** By number of the block; only blocks with an outcome are there. */
  readonly blocks: Map<number, Block>;
}

interface Block {
  readonly outcomes: Uint8Array;
  readonly revisions: Uint16Array;
}

/** Past control characters, quotes and the backslash, which would be longer in JSON. */
const firstRevision = 0x100;
const rowsInBlock = 512;
const blank = 32;

/** The newest outcome of every cell under every build of its image: what two releases are compared by. Three bytes a row and build, where there is one. */
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
      if (!known) this.#known.set(key, (known = { column, version, digest, first: started, last: started, blocks: new Map() }));
      known.first = Math.min(known.first, started);
      known.last = Math.max(known.last, started);
      const { outcomes, revisions } = blockOf(known, Math.floor(row / rowsInBlock));
      const place = row % rowsInBlock;
      if (outcomes[place] !== blank) continue;
      outcomes[place] = letters[outcome].charCodeAt(0);
      revisions[place] = firstRevision + this.#revision(suiteDigest);
    }
  }

  /** The builds of some columns, newest first. */
  of(columns: ReadonlySet<number>, texts: readonly string[]): Edition[] {
    return [...this.#known.values()]
      .filter(({ column }) => columns.has(column))
      .sort((a, b) => b.last - a.last || a.column - b.column || a.digest - b.digest)
      .map(({ column, version, digest, first, last, blocks }) => ({
        ...{ column, version: texts[version]!, digest: texts[digest]!, first, last },
        outcomes: this.#text(blocks, ({ outcomes }) => outcomes),
        revisions: this.#text(blocks, ({ revisions }) => revisions),
      }));
  }

  #text(blocks: Known["blocks"], codesOf: (block: Block) => ArrayLike<number>): string {
    const parts: string[] = [];
    for (let at = 0; at < this.#rows; at += rowsInBlock) {
      const block = blocks.get(at / rowsInBlock);
      parts.push(block ? String.fromCharCode(...Array.from(codesOf(block))) : " ".repeat(rowsInBlock));
    }
    return parts.join("").slice(0, this.#rows);
  }

  #revision(suiteDigest: number): number {
    const known = this.#revisions.get(suiteDigest) ?? this.#revisions.size;
    this.#revisions.set(suiteDigest, known);
    return known;
  }
}

function blockOf({ blocks }: Known, number: number): Block {
  const known = blocks.get(number);
  if (known) return known;
  const made = { outcomes: new Uint8Array(rowsInBlock).fill(blank), revisions: new Uint16Array(rowsInBlock).fill(blank) };
  blocks.set(number, made);
  return made;
}
