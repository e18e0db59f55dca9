import type { Phase } from "../model/phase.ts";
import type { Place } from "./automaton.ts";
import type { SignatureSet } from "./signature-set.ts";
import type { Signature } from "./signature.ts";

/** A signature that a console line bore. */
export interface Hit {
  readonly signature: Signature;
  readonly line: string;
  /** Position of the line in the console's text. */
  readonly offset: number;
  /** Position of the line's first byte in the raw recording. */
  readonly byte: number;
  /** Boot it was met in, from 1; 0 before the first. */
  readonly boot: number;
  /** Phase of that boot. */
  readonly phase: Phase;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Where the machine stands when a line is read. */
export interface Standing {
  readonly boot: number;
  readonly phase: Phase;
}

/** An unfinished line counts as it stands after so long: a prompt never ends. Milliseconds. */
const settledMs = 100;
/** A line is shown up to here. */
const longest = 1000;

/**
 * Watches a console as it comes, character by character, none twice, and tells each line that bears a signature: when the line ends, or when it
 * stands unfinished for a moment. A line is told once, or again if it grew and then bears a signature that comes earlier in the list.
 */
export class Matcher {
  readonly #set: SignatureSet;
  readonly #tell: (hit: Hit) => void;
  readonly #standing: () => Standing;
  readonly #counts = new Map<Signature, number>();
  /** Ids of the signatures told in this boot. */
  readonly #met = new Set<string>();
  #boot = 0;
  #place: Place;
  #line = "";
  #offset = 0;
  #byte = 0;
  #borne = new Set<number>();
  /** Index of the signature this line was told for. */
  #told = Infinity;
  #settled: NodeJS.Timeout | undefined;

  constructor(set: SignatureSet, tell: (hit: Hit) => void, standing: () => Standing) {
    this.#set = set;
    this.#tell = tell;
    this.#standing = standing;
    this.#place = set.automaton.start;
  }

  /** What came next of a line, which begins at the given positions of text and recording; `ended` with its line end. */
  part(text: string, offset: number, byte: number, ended: boolean): void {
    clearTimeout(this.#settled);
    this.#offset = offset;
    this.#byte = byte;
    if (this.#line.length < longest) this.#line = (this.#line + text).slice(0, longest);
    this.#place = this.#set.automaton.read(this.#place, text, (found) => {
      for (const index of found) this.#borne.add(index);
    });
    if (!ended) {
      if (this.#borne.size > 0 || this.#place.foundAtEnd.length > 0) this.#settled = setTimeout(() => this.#judge(), settledMs).unref();
      return;
    }
    this.#judge();
    this.#place = this.#set.automaton.start;
    this.#line = "";
    this.#borne.clear();
    this.#told = Infinity;
  }

  close(): void {
    clearTimeout(this.#settled);
  }

  #judge(): void {
    clearTimeout(this.#settled);
    const ended = this.#place.foundAtEnd;
    if (this.#borne.size === 0 && ended.length === 0) return;
    const standing = this.#standing();
    if (standing.boot !== this.#boot) {
      this.#counts.clear();
      this.#met.clear();
    }
    this.#boot = standing.boot;
    const found = this.#set.first([...this.#borne, ...ended], standing.phase, this.#told);
    if (!found) return;
    this.#told = found.index;
    const { signature } = found;
    if (!this.#isDue(signature)) return;
    this.#met.add(signature.id);
    this.#tell(hitOf(signature, standing, { line: this.#line, offset: this.#offset, byte: this.#byte }));
  }

  #isDue(signature: Signature): boolean {
    if (signature.after && !signature.after.some((id) => this.#met.has(id))) return false;
    const count = (this.#counts.get(signature) ?? 0) + 1;
    this.#counts.set(signature, count);
    return count >= (signature.times ?? 1);
  }
}

/** Puts together a hit; a console that says little shows a phase late, so the phase is the one the signature speaks of. */
export function hitOf(signature: Signature, { boot, phase }: Standing, where: Pick<Hit, "line" | "offset" | "byte">): Hit {
  const shown = signature.phase.includes(phase) ? phase : (signature.phase[0] as Phase);
  return { signature, ...where, boot, phase: shown, at: Date.now() };
}
