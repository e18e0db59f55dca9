import { parsePattern, type Part, type Ranges } from "./pattern.ts";

/** States one pattern may have: what it costs at worst for every character read. */
export const mostStates = 600;
/** Remembered combinations of states, beyond which all are forgotten and found anew: the bound on memory. */
const mostKnown = 4000;

interface Step {
  /** Where it leads without reading. */
  free: number[];
  /** Index of the set of characters that leads to `next`. */
  set: number;
  next: number;
  needs: "start" | "end" | undefined;
  /** Index of the pattern that is found here. */
  found: number;
}

/** A place in the reading of a line: which patterns may go on from here, and which were found on arriving. */
export interface Place {
  /** Steps reached beyond those from which every character may begin a match. */
  readonly steps: readonly number[];
  readonly found: readonly number[];
  /** Those found if the line ends here. */
  readonly foundAtEnd: readonly number[];
  readonly next: (Place | undefined)[];
}

/**
 * Finds many patterns in one pass over a line, wherever in it they stand: each character is read once and costs one table look-up, and reading
 * can stop and go on anywhere. Built as it is used (a lazy deterministic automaton over a Thompson automaton). Throws PatternError.
 */
export class Automaton {
  readonly #steps: Step[] = [];
  readonly #sets: Ranges[] = [];
  readonly #setIndex = new Map<string, number>();
  readonly #starts: number[] = [];
  readonly #classOf: Uint16Array;
  /** Whether a character of the class (row) is in the set (column). */
  readonly #members: Uint8Array[];
  readonly #known = new Map<string, Place>();
  /** From which a match may begin at every character, and where each class of characters leads from there. */
  readonly #again: readonly number[];
  readonly #isAgain: Uint8Array;
  /** Those of them that say something without reading. */
  readonly #againTold: readonly number[];
  readonly #fromAgain: (readonly number[] | undefined)[] = [];
  readonly #start: Place;

  constructor(patterns: readonly string[]) {
    for (const [index, pattern] of patterns.entries()) {
      const end = this.#step({ found: index });
      this.#starts.push(this.#build(parsePattern(pattern), end));
    }
    [this.#classOf, this.#members] = classify(this.#sets);
    this.#again = this.#closure(this.#starts, false);
    this.#isAgain = new Uint8Array(this.#steps.length);
    for (const index of this.#again) this.#isAgain[index] = 1;
    this.#againTold = this.#again.filter((index) => this.#steps[index]?.needs === "end" || (this.#steps[index]?.found ?? -1) >= 0);
    this.#start = this.#place(this.#closure(this.#starts, true));
  }

  /** States of the whole, all patterns together. */
  get size(): number {
    return this.#steps.length;
  }

  /** Combinations remembered now. */
  get known(): number {
    return this.#known.size;
  }

  /** Where every line begins. */
  get start(): Place {
    return this.#start;
  }

  /** Reads on; calls `found` with the indices of the patterns whose last character was just read, possibly more than once a line. */
  read(place: Place, text: string, found: (patterns: readonly number[]) => void): Place {
    const classOf = this.#classOf;
    let here = place;
    for (let at = 0; at < text.length; at++) {
      const kind = classOf[text.charCodeAt(at)] as number;
      here = here.next[kind] ?? this.#go(here, kind);
      if (here.found.length > 0) found(here.found);
    }
    return here;
  }

  #go(from: Place, kind: number): Place {
    const begun = (this.#fromAgain[kind] ??= this.#move(this.#again, kind));
    const place = this.#place(from.steps.length === 0 ? begun : this.#closure([...begun, ...this.#move(from.steps, kind)], false));
    from.next[kind] = place;
    return place;
  }

  #move(steps: readonly number[], kind: number): number[] {
    const members = this.#members[kind] as Uint8Array;
    const reached: number[] = [];
    for (const index of steps) {
      const step = this.#steps[index] as Step;
      if (step.set >= 0 && members[step.set] === 1) reached.push(step.next);
    }
    return this.#closure(reached, false);
  }

  #place(reached: readonly number[]): Place {
    const steps = reached.filter((index) => this.#isAgain[index] === 0).sort((a, b) => a - b);
    const key = steps.join(",");
    const known = this.#known.get(key);
    if (known) return known;
    if (this.#known.size >= mostKnown) this.#forget();
    const all = [...steps, ...this.#againTold].map((index) => this.#steps[index] as Step);
    const found = all.filter((step) => step.found >= 0).map((step) => step.found);
    const ends = all.filter((step) => step.needs === "end").flatMap((step) => step.free);
    const foundAtEnd = this.#closure(ends, false, true)
      .map((index) => (this.#steps[index] as Step).found)
      .filter((one) => one >= 0);
    const place: Place = { steps, found, foundAtEnd, next: [] };
    this.#known.set(key, place);
    return place;
  }

  #forget(): void {
    // What points to a forgotten place would keep it alive.
    for (const place of this.#known.values()) place.next.length = 0;
    this.#known.clear();
    this.#known.set(this.#start.steps.join(","), this.#start);
  }

  /** All that can be reached from these without reading; only what can read, end or be found is kept. */
  #closure(from: readonly number[], atStart: boolean, atEnd = false): number[] {
    const seen = new Set<number>();
    const kept: number[] = [];
    const open = [...from];
    for (let index = open.pop(); index !== undefined; index = open.pop()) {
      if (seen.has(index)) continue;
      seen.add(index);
      const { free, set, needs, found } = this.#steps[index] as Step;
      if (set >= 0 || found >= 0 || needs === "end") kept.push(index);
      if (needs === undefined || (needs === "start" && atStart) || (needs === "end" && atEnd)) open.push(...free);
    }
    return kept;
  }

  #step(step: Partial<Step>): number {
    this.#steps.push({ free: [], set: -1, next: -1, needs: undefined, found: -1, ...step });
    return this.#steps.length - 1;
  }

  /** Adds what matches the part and then goes to `next`; gives its first step. */
  #build(part: Part, next: number): number {
    switch (part.kind) {
      case "set":
        return this.#step({ set: this.#setOf(part.ranges), next });
      case "start":
      case "end":
        return this.#step({ needs: part.kind, free: [next] });
      case "choice":
        return this.#step({ free: part.parts.map((one) => this.#build(one, next)) });
      case "sequence":
        return part.parts.reduceRight((after, one) => this.#build(one, after), next);
      case "repeat":
        return this.#buildRepeat(part, next);
    }
  }

  /** Most patterns are letters, and letters are few: each set is kept once. */
  #setOf(ranges: Ranges): number {
    const key = ranges.join(" ");
    const known = this.#setIndex.get(key);
    if (known !== undefined) return known;
    this.#setIndex.set(key, this.#sets.length);
    return this.#sets.push(ranges) - 1;
  }

  #buildRepeat({ part, min, max }: Extract<Part, { kind: "repeat" }>, next: number): number {
    let first = next;
    if (max === Infinity) {
      const loop = this.#step({ free: [next] });
      (this.#steps[loop] as Step).free.push(this.#build(part, loop));
      first = loop;
    } else for (let count = min; count < max; count++) first = this.#step({ free: [next, this.#build(part, first)] });
    for (let count = 0; count < min; count++) first = this.#build(part, first);
    return first;
  }
}

/** Characters no set tells apart are one class: gives the class of every code unit and the sets each class is in. */
function classify(sets: readonly Ranges[]): [Uint16Array, Uint8Array[]] {
  const cuts = new Set<number>([0]);
  for (const ranges of sets) {
    for (const [from, to] of ranges) {
      cuts.add(from);
      cuts.add(to + 1);
    }
  }
  cuts.delete(0x10000);
  const sorted = [...cuts].sort((a, b) => a - b);
  const classOf = new Uint16Array(0x10000);
  const members: Uint8Array[] = [];
  const kinds = new Map<string, number>();
  for (const [index, from] of sorted.entries()) {
    const row = Uint8Array.from(sets, (ranges) => (ranges.some(([low, high]) => from >= low && from <= high) ? 1 : 0));
    const key = row.join("");
    let kind = kinds.get(key);
    if (kind === undefined) {
      kind = members.push(row) - 1;
      kinds.set(key, kind);
    }
    classOf.fill(kind, from, sorted[index + 1] ?? 0x10000);
  }
  return [classOf, members];
}
