import type { CellRecord, RunProvenance } from "../../model/record.ts";

type Planned = RunProvenance["planned"][number];

/** Says of a run's records which count, without holding them: of several attempts at a cell the last that was written. */
export class LastAttempts {
  readonly #names = new Map<string, number>();
  readonly #last = new Map<number, number>();
  #count = 0;

  /** Is told every record, in the order they were written. */
  add({ image, target, suite, test }: CellRecord): void {
    const key = this.#name([image.name, target.name]) * 2 ** 26 + this.#name([suite.name, test]);
    this.#last.set(key, this.#count++);
  }

  /** How many cells there are. */
  get size(): number {
    return this.#last.size;
  }

  has({ image, target, suite, test }: Planned): boolean {
    const [column, row] = [
      [image, target],
      [suite, test],
    ].map((names) => this.#names.get(JSON.stringify(names)));
    return column !== undefined && row !== undefined && this.#last.has(column * 2 ** 26 + row);
  }

  /** Only the records that count, with the places of their cells as they were first met; `records` are those that were added, in the same order. */
  async *of(
    records: AsyncIterable<{ readonly record: CellRecord }>,
  ): AsyncGenerator<{ readonly record: CellRecord; readonly place: number }> {
    const places = new Map([...this.#last.values()].map((number, place) => [number, place]));
    let number = 0;
    for await (const { record } of records) {
      const place = places.get(number++);
      if (place !== undefined) yield { record, place };
    }
  }

  #name(names: readonly string[]): number {
    const key = JSON.stringify(names);
    const known = this.#names.get(key);
    if (known !== undefined) return known;
    this.#names.set(key, this.#names.size);
    return this.#names.size - 1;
  }
}
