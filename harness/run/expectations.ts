import { createHash } from "node:crypto";
import { hostname } from "node:os";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { cacheFolder, writeWhole } from "../host/cache.ts";
import { InputError } from "../model/errors.ts";
import type { CellRecord, Outcome } from "../model/record.ts";
import type { Cell } from "./cell.ts";

/** So many of the last durations of a cell are kept. */
export const kept = 9;
const memory = z.record(z.string(), z.array(z.number()));

/**
 * How long cells take on this host: the median of the last nine passes of each, in milliseconds. Kept in the cache; a lost or damaged file
 * only means that nothing is known yet.
 */
export class Expectations {
  readonly #file: string;
  readonly #durations: Record<string, number[]>;

  private constructor(file: string, durations: Record<string, number[]>) {
    this.#file = file;
    this.#durations = durations;
  }

  static async open(folder: string = cacheFolder()): Promise<Expectations> {
    const file = join(folder, "durations", `${createHash("sha256").update(hostname()).digest("hex").slice(0, 12)}.json`);
    const text = await readFile(file, "utf8").catch(() => "{}");
    return new Expectations(file, memory.catch({}).parse(parse(text)));
  }

  /** Knows nothing yet, and is kept only where `saveTo` puts it. */
  static empty(): Expectations {
    return new Expectations("", {});
  }

  /** What a file holds that `saveTo` wrote. Throws InputError for anything else: what it decides must be the same everywhere. */
  static async read(file: string, flag: string): Promise<Expectations> {
    const remedy = "Give a file that `osbench plan --save-durations` or `osbench merge` wrote.";
    const text = await readFile(file, "utf8").catch((error: Error) => {
      throw new InputError([{ at: { flag }, what: `${file} cannot be read: ${error.message}`, remedy }]);
    });
    const durations = memory.safeParse(parse(text));
    if (!durations.success || !text.trimStart().startsWith("{"))
      throw new InputError([{ at: { file }, what: "holds no durations", remedy }]);
    return new Expectations(file, durations.data);
  }

  of(cell: Cell): number | undefined {
    return median(this.#durations[keyOf(cell)] ?? []);
  }

  /** How long the same test takes elsewhere: the median over this image's other targets, else over other images. */
  likely({ image, suite, test }: Cell): number | undefined {
    const ending = ` · ${suite} · ${test}`;
    const alike = Object.keys(this.#durations).filter((key) => key.endsWith(ending));
    const own = alike.filter((key) => key.startsWith(`${image} · `));
    return median((own.length > 0 ? own : alike).map((key) => median(this.#durations[key] ?? [])).filter((ms) => ms !== undefined));
  }

  /** Learns from what will take as long again. */
  learn({ outcome, durationMs, ...record }: CellRecord): void {
    if (!teaches(outcome)) return;
    const key = keyOf({ image: record.image.name, target: record.target.name, suite: record.suite.name, test: record.test });
    this.#durations[key] = [...(this.#durations[key] ?? []), durationMs].slice(-kept);
  }

  async save(): Promise<void> {
    await this.saveTo(this.#file, () => true);
  }

  /** Writes what is known of some cells to a file, the same bytes for the same knowledge. */
  async saveTo(file: string, of: (key: string) => boolean): Promise<void> {
    const wanted = Object.entries(this.#durations).filter(([key]) => of(key));
    await writeWhole(file, JSON.stringify(Object.fromEntries(wanted.sort(([a], [b]) => (a < b ? -1 : 1)))));
  }
}

/** A failure ends early or at a deadline and says nothing of how long the claim takes. */
export function teaches(outcome: Outcome): boolean {
  return outcome === "pass" || outcome === "not-applicable";
}

export function keyOf({ image, target, suite, test }: Cell): string {
  return [image, target, suite, test].join(" · ");
}

export function median(numbers: readonly number[]): number | undefined {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  if (sorted.length % 2 === 1) return sorted[middle];
  return sorted.length === 0 ? undefined : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
