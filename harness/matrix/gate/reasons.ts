import { Spill } from "../site/spill.ts";
import type { CellName } from "./seen.ts";
import { weights, type Weight } from "./verdicts.ts";

export interface Reason {
  readonly weight: Weight;
  readonly text: string;
  /** The cell it is about, where it is about one. */
  readonly cell?: CellName;
}

/** Longer ones are sorted among each other. */
const lengths = 1024;

/** Reasons against images first, then against the harness, then notes; of each the shortest first. Walking them holds those of one length. */
export class Reasons implements Iterable<Reason> {
  readonly #spill = new Spill("reasons");
  readonly #counts = { image: 0, harness: 0, note: 0 };

  add({ weight, text, cell }: Reason): void {
    this.#counts[weight]++;
    const row = weights.indexOf(weight) * lengths + Math.min(text.length, lengths - 1);
    this.#spill.add(row, JSON.stringify(cell ? [text, cell.image, cell.target, cell.suite, cell.test] : [text]));
  }

  get length(): number {
    return this.#counts.image + this.#counts.harness + this.#counts.note;
  }

  has(weight: Weight): boolean {
    return this.#counts[weight] > 0;
  }

  *[Symbol.iterator](): Generator<Reason> {
    for (const [place, weight] of weights.entries())
      for (let length = 0; length < lengths; length++) yield* this.#of(place * lengths + length, weight);
  }

  close(): void {
    this.#spill.close();
  }

  #of(row: number, weight: Weight): Reason[] {
    return this.#spill
      .read(row)
      .map((line): Reason => {
        const [text, image, target, suite, test] = JSON.parse(line) as [string, string, string, string, string];
        return { weight, text, ...(image !== undefined && { cell: { image, target, suite, test } }) };
      })
      .sort((a, b) => a.text.length - b.text.length || (a.text < b.text ? -1 : 1));
  }
}
