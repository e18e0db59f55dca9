import type { Transcript } from "./transcript.ts";

/** What a match may span, in characters, of what was read before. */
const widest = 16 * 1024;

/** Looks for a pattern in a text that grows, from a position on, without reading all of it again each time. */
export class Search {
  readonly #pattern: RegExp;
  readonly #from: number;
  readonly #whole: boolean;
  #read: number;

  constructor(pattern: RegExp, from: number) {
    this.#pattern = new RegExp(pattern.source, pattern.flags.replaceAll(/[gy]/g, ""));
    this.#from = from;
    this.#read = from;
    this.#whole = dependsOnBeginning(this.#pattern);
  }

  /** The first match in what stands there now; its index counts from where the search began. */
  in(transcript: Transcript): RegExpExecArray | undefined {
    let begin = this.#whole ? this.#from : Math.max(this.#from, this.#read - widest);
    let text = transcript.text(begin);
    if (begin > this.#from) {
      // A pattern may ask for the beginning of a line: it must not find one in the middle.
      const line = text.indexOf("\n") + 1;
      text = text.slice(line);
      begin += line;
    }
    this.#read = transcript.length;
    const match = this.#pattern.exec(text);
    if (match) match.index += begin - this.#from;
    return match ?? undefined;
  }
}

/** Whether it matters to a pattern what stands before the text it is shown, beyond the line's beginning. */
function dependsOnBeginning({ source, multiline }: RegExp): boolean {
  if (/\(\?<[=!]/.test(source)) return true;
  return !multiline && source.replaceAll("(?:^|\\n)", "").replaceAll("[^", "").includes("^");
}
