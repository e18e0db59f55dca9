/** Inclusive ranges of UTF-16 code units. */
export type Ranges = readonly (readonly [from: number, to: number])[];

/** A pattern taken apart. */
export type Part =
  | { readonly kind: "set"; readonly ranges: Ranges }
  | { readonly kind: "sequence"; readonly parts: readonly Part[] }
  | { readonly kind: "choice"; readonly parts: readonly Part[] }
  | { readonly kind: "repeat"; readonly part: Part; readonly min: number; readonly max: number }
  | { readonly kind: "start" | "end" };

/** What is wrong with a pattern, and at which of its characters (from 0). */
export class PatternError extends Error {
  readonly index: number;
  constructor(message: string, index: number) {
    super(message);
    this.index = index;
  }
}

const last = 0xffff;
const mostRepeats = 100;
const single = (code: number): Ranges => [[code, code]];
const digits: Ranges = [[0x30, 0x39]];
const word: Ranges = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
];
// ECMA-262, WhiteSpace and LineTerminator.
const space: Ranges = [
  [0x09, 0x0d],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
];
const lineEnds: Ranges = [
  [0x0a, 0x0a],
  [0x0d, 0x0d],
  [0x2028, 0x2029],
];
const classes: Readonly<Record<string, Ranges>> = {
  d: digits,
  D: complement(digits),
  w: word,
  W: complement(word),
  s: space,
  S: complement(space),
};
const controls: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13, 0: 0 };

/** Everything the ranges leave out. */
export function complement(ranges: Ranges): Ranges {
  const left: [number, number][] = [];
  let from = 0;
  for (const [low, high] of [...ranges].sort((a, b) => a[0] - b[0])) {
    if (low > from) left.push([from, low - 1]);
    from = Math.max(from, high + 1);
  }
  if (from <= last) left.push([from, last]);
  return left;
}

/**
 * Takes a regular expression apart: JavaScript's syntax without what only a backtracking engine can do (look-around, back-references, `\b`).
 * What is left is matched in one pass, so no pattern can be slow. Throws PatternError. Source: ECMA-262, Pattern grammar.
 */
export function parsePattern(source: string): Part {
  return new PatternParser(source).whole();
}

class PatternParser {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  whole(): Part {
    const part = this.#choice();
    if (this.#at < this.#source.length) throw this.#wrong("there is no `(` for this `)`");
    return part;
  }

  #choice(): Part {
    const parts = [this.#sequence()];
    while (this.#take("|")) parts.push(this.#sequence());
    return parts.length === 1 ? (parts[0] as Part) : { kind: "choice", parts };
  }

  #sequence(): Part {
    const parts: Part[] = [];
    while (this.#at < this.#source.length && !"|)".includes(this.#next())) parts.push(this.#repeated());
    return { kind: "sequence", parts };
  }

  #repeated(): Part {
    const begun = this.#at;
    const part = this.#one();
    const bounds = this.#quantifier();
    if (!bounds) return part;
    if (part.kind === "start" || part.kind === "end") throw this.#wrong("`^` and `$` cannot be repeated", begun);
    // A lazy quantifier finds the same lines.
    this.#take("?");
    if (this.#quantifier()) throw this.#wrong("nothing stands before this quantifier", this.#at - 1);
    return { kind: "repeat", part, ...bounds };
  }

  #quantifier(): { min: number; max: number } | undefined {
    if (this.#take("*")) return { min: 0, max: Infinity };
    if (this.#take("+")) return { min: 1, max: Infinity };
    if (this.#take("?")) return { min: 0, max: 1 };
    const counted = /^\{(\d+)(,(\d*))?\}/.exec(this.#source.slice(this.#at));
    if (!counted) return undefined;
    const min = Number(counted[1]);
    const max = counted[2] === undefined ? min : counted[3] ? Number(counted[3]) : Infinity;
    if (max < min) throw this.#wrong("the numbers stand in the wrong order");
    if (min > mostRepeats || (max !== Infinity && max > mostRepeats)) throw this.#wrong(`at most ${mostRepeats} repeats can be counted`);
    this.#at += counted[0].length;
    return { min, max };
  }

  #one(): Part {
    const char = this.#next();
    if ("*+?".includes(char)) throw this.#wrong("nothing stands before this quantifier");
    this.#at++;
    if (char === "^") return { kind: "start" };
    if (char === "$") return { kind: "end" };
    if (char === ".") return { kind: "set", ranges: complement(lineEnds) };
    if (char === "(") return this.#group();
    if (char === "[") return { kind: "set", ranges: this.#set() };
    if (char === "\\") return { kind: "set", ranges: this.#escape() };
    return { kind: "set", ranges: single(char.charCodeAt(0)) };
  }

  #group(): Part {
    const begun = this.#at - 1;
    if (this.#take("?") && !this.#take(":"))
      throw this.#wrong("only (…) and (?:…) are understood: look-around and named groups would need to read a line more than once", begun);
    const part = this.#choice();
    if (!this.#take(")")) throw this.#wrong("there is no `)` for this `(`", begun);
    return part;
  }

  #set(): Ranges {
    const begun = this.#at - 1;
    const negated = this.#take("^");
    const ranges: (readonly [number, number])[] = [];
    while (!this.#take("]")) {
      const from = this.#member(begun);
      if (this.#next() !== "-" || this.#source[this.#at + 1] === "]") {
        ranges.push(...from);
        continue;
      }
      const dash = this.#at++;
      const to = this.#member(begun);
      const [low, high] = [from[0]?.[0] ?? 0, to[0]?.[0] ?? 0];
      if (from.length > 1 || to.length > 1 || low > high) throw this.#wrong("this range is empty or has no end", dash);
      ranges.push([low, high]);
    }
    return negated ? complement(ranges) : ranges;
  }

  #member(begun: number): Ranges {
    const char = this.#source[this.#at++];
    if (char === undefined) throw this.#wrong("there is no `]` for this `[`", begun);
    return char === "\\" ? this.#escape(true) : single(char.charCodeAt(0));
  }

  #escape(inSet = false): Ranges {
    const begun = this.#at - 1;
    const char = this.#source[this.#at++];
    if (char === undefined) throw this.#wrong("a `\\` ends the pattern", begun);
    const known = classes[char];
    if (known) return known;
    if (inSet && char === "b") return single(8);
    const control = controls[char];
    if (control !== undefined) return single(control);
    if (char === "x" || char === "u") {
      const hex = (char === "x" ? /^[\da-fA-F]{2}/ : /^[\da-fA-F]{4}/).exec(this.#source.slice(this.#at));
      if (!hex) throw this.#wrong(`\\${char} needs ${char === "x" ? "two" : "four"} hexadecimal digits`, begun);
      this.#at += hex[0].length;
      return single(Number.parseInt(hex[0], 16));
    }
    if (/[bB]/.test(char))
      throw this.#wrong(`\\${char} is not understood: write the characters that may stand there, e.g. (?:^|[^a-z])`, begun);
    if (/[\dk]/.test(char)) throw this.#wrong("back-references are not understood: they would need to read a line more than once", begun);
    if (/[A-Za-z]/.test(char)) throw this.#wrong(`\\${char} means nothing`, begun);
    return single(char.charCodeAt(0));
  }

  #next(): string {
    return this.#source[this.#at] ?? "";
  }

  #take(char: string): boolean {
    if (this.#next() !== char) return false;
    this.#at++;
    return true;
  }

  #wrong(message: string, index = this.#at): PatternError {
    return new PatternError(message, index);
  }
}
