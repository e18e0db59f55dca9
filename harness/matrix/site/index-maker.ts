import type { Outcome } from "../../model/record.ts";
import { outcomes } from "../../model/record.ts";
import type { MatrixDocument } from "../document.ts";
import type { Verdict } from "../gate/verdicts.ts";
import { Interner } from "./interner.ts";
import type { SightingLine } from "./sighting-line.ts";
import type { SiteIndex } from "./site-data.ts";
import { letters, verdictLetters } from "./site-data.ts";

type Grid = Pick<SiteIndex, "counts" | "outdated" | "outcomes" | "said" | "saidOf" | "attempts" | "regressed" | "flaky" | "certified"> & {
  readonly verdicts: string;
};

/** The part of the page's own data that is about cells, row by row. */
export class IndexMaker {
  readonly #columns: number;
  readonly #outcomes: Uint8Array;
  readonly #said = new Interner();
  readonly #saidOf: number[] = [];
  readonly #attempts: number[] = [];
  readonly #regressed: number[] = [];
  readonly #flaky: number[] = [];
  readonly #counts = Object.fromEntries(outcomes.map((outcome) => [outcome, 0])) as MatrixDocument["counts"];
  readonly #verdicts: Uint8Array;
  #certified: Uint16Array | undefined;
  #outdated = 0;

  constructor(rows: number, columns: number) {
    this.#columns = columns;
    this.#outcomes = new Uint8Array(rows * columns).fill(32);
    this.#verdicts = new Uint8Array(rows * columns).fill(32);
  }

  add(row: number, column: number, sightings: readonly SightingLine[], outdated: boolean): void {
    const newest = sightings[0]!;
    const cell = row * this.#columns + column;
    const letter = letters[newest.outcome];
    this.#outcomes[cell] = (outdated ? letter.toUpperCase() : letter).charCodeAt(0);
    this.#counts[newest.outcome]++;
    if (outdated) this.#outdated++;
    if (newest.outcome !== "pass" && newest.message) this.#saidOf.push(cell, this.#said.number(newest.message));
    if (newest.attempts > 1) this.#attempts.push(cell, newest.attempts);
    if (newest.outcome === "fail" && verdictBefore(sightings) === "pass") this.#regressed.push(cell);
    if (isFlaky(sightings)) this.#flaky.push(cell);
  }

  verdict(row: number, column: number, verdict: Verdict): void {
    this.#verdicts[row * this.#columns + column] = verdictLetters[verdict].charCodeAt(0);
  }

  /** Says under which certificate a cell's result stands, by `certifiedCode`. */
  certified(row: number, column: number, code: number): void {
    this.#certified ??= new Uint16Array(this.#outcomes.length).fill(32);
    this.#certified[row * this.#columns + column] = code;
  }

  made(): Grid {
    return {
      verdicts: Buffer.from(this.#verdicts).toString("latin1"),
      certified: this.#certified ? textOf(this.#certified) : "",
      counts: this.#counts,
      outdated: this.#outdated,
      outcomes: Buffer.from(this.#outcomes).toString("latin1"),
      said: this.#said.texts,
      saidOf: this.#saidOf,
      attempts: this.#attempts,
      regressed: this.#regressed,
      flaky: this.#flaky,
    };
  }
}

function textOf(codes: Uint16Array): string {
  const parts: string[] = [];
  for (let at = 0; at < codes.length; at += 4096) parts.push(String.fromCharCode(...codes.subarray(at, at + 4096)));
  return parts.join("");
}

/** The last thing that was known of the image before: what broke in the harness or did not run says nothing of it. */
function verdictBefore(sightings: readonly SightingLine[]): Outcome | undefined {
  return sightings.slice(1).find(({ outcome }) => outcome === "pass" || outcome === "fail")?.outcome;
}

/** One build of an image, one revision of the suite, and yet a pass and a failure. */
function isFlaky(sightings: readonly SightingLine[]): boolean {
  const { digest, suiteDigest } = sightings[0]!;
  if (digest === 0) return false;
  const same = sightings.filter((one) => one.digest === digest && one.suiteDigest === suiteDigest);
  return same.some(({ outcome }) => outcome === "pass") && same.some(({ outcome }) => outcome === "fail");
}
