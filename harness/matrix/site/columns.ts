import type { CellRecord } from "../../model/record.ts";
import type { MatrixColumn } from "../document.ts";
import { order } from "../order.ts";

interface Newest<T> {
  readonly at: number;
  readonly is: T;
}

interface Known {
  readonly image: string;
  readonly target: string;
  version?: Newest<string>;
  tested?: Newest<{ version: string; digest: string; record: CellRecord }>;
  record?: Newest<CellRecord>;
}

/** The columns of the matrix as they are met. What a column is about is what its newest sighting was about. */
export class Columns {
  readonly #known = new Map<string, number>();
  readonly #all: Known[] = [];

  number(image: string, target: string): number {
    const key = `${image}\n${target}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    this.#known.set(key, this.#all.length);
    return this.#all.push({ image, target }) - 1;
  }

  recorded(column: number, at: number, record: CellRecord): void {
    const known = this.#all[column]!;
    const { version, digest } = record.image;
    if (newer(at, known.record)) known.record = { at, is: record };
    if (digest && newer(at, known.tested)) known.tested = { at, is: { version, digest, record } };
    this.planned(column, at, version);
  }

  planned(column: number, at: number, version: string): void {
    const known = this.#all[column]!;
    // Empty where an image could not be built, or where a plan does not say which of several is meant.
    if (version && newer(at, known.version)) known.version = { at, is: version };
  }

  /** The columns in the order they are shown, each with the number it was met under. */
  ordered(): { readonly met: number; readonly column: MatrixColumn }[] {
    return this.#all
      .map((known, met) => ({ met, column: columnOf(known) }))
      .sort((a, b) => order(a.column.image, b.column.image) || order(a.column.target, b.column.target));
  }
}

function newer(at: number, known: Newest<unknown> | undefined): boolean {
  return known === undefined || at >= known.at;
}

function columnOf({ image, target, version, tested, record }: Known): MatrixColumn {
  const about = tested?.is.record ?? record?.is;
  const column: MatrixColumn = { image, target };
  if (version) column.version = version.is;
  // A digest of another version than the newest says nothing about the newest.
  if (tested && (version === undefined || tested.is.version === version.is)) column.digest = tested.is.digest;
  if (about) {
    const { name: _name, ...environment } = about.target;
    Object.assign(column, { form: about.image.form, environment });
  }
  return column;
}
