import type { CellRecord } from "../../model/record.ts";
import type { MatrixSuite } from "../document.ts";
import { order } from "../order.ts";

interface KnownSuite {
  readonly rows: Map<string, number>;
  newest?: { readonly at: number; readonly file: string; readonly digest: string };
  /** Tests of the fullest run, the newest of equals: the order of the suite's file. */
  fullest: ReadonlySet<string>;
  /** Tests of the run that is being read. */
  current: Set<string>;
}

/** Suites and their tests as they are met. */
export class Rows {
  readonly #suites = new Map<string, KnownSuite>();
  #count = 0;

  number(suite: string, test: string): number {
    let known = this.#suites.get(suite);
    if (!known) this.#suites.set(suite, (known = { rows: new Map(), fullest: new Set(), current: new Set() }));
    known.current.add(test);
    const row = known.rows.get(test);
    if (row !== undefined) return row;
    known.rows.set(test, this.#count);
    return this.#count++;
  }

  /** The number of a test that was met. */
  find(suite: string, test: string): number | undefined {
    return this.#suites.get(suite)?.rows.get(test);
  }

  recorded(at: number, { name, file, digest }: CellRecord["suite"]): void {
    const known = this.#suites.get(name)!;
    if (known.newest === undefined || at >= known.newest.at) known.newest = { at, file, digest };
  }

  /** Says that all of a run was met, what it planned first. */
  endOfRun(): void {
    for (const known of this.#suites.values()) {
      if (known.current.size >= known.fullest.size && known.current.size > 0) known.fullest = known.current;
      known.current = new Set();
    }
  }

  /** Suites by name, tests in the order of the fullest run and the rest by name; with each test the number it was met under. */
  ordered(): { readonly suite: MatrixSuite; readonly met: readonly number[] }[] {
    return [...this.#suites]
      .sort(([a], [b]) => order(a, b))
      .map(([name, { rows, newest, fullest }]) => {
        const place = new Map([...fullest].map((test, index) => [test, index]));
        const last = place.size;
        const tests = [...rows.keys()].sort((a, b) => (place.get(a) ?? last) - (place.get(b) ?? last) || order(a, b));
        const suite: MatrixSuite = { suite: name, ...(newest && { file: newest.file, digest: newest.digest }), tests };
        return { suite, met: tests.map((test) => rows.get(test)!) };
      });
  }
}
