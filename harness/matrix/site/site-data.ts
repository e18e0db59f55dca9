import type { CellRecord, Outcome, RunProvenance } from "../../model/record.ts";
import type { MatrixColumn, MatrixDocument, MatrixEvidence, MatrixSuite, PastOutcome } from "../document.ts";

/** One letter an outcome in the grid's text; the capital says that it is about an older image or suite. A space is a cell nobody ever planned. */
export const letters: Readonly<Record<Outcome, string>> = { pass: "p", fail: "f", error: "e", "not-applicable": "n", "not-run": "m" };

/** What the page holds itself; everything else comes in pieces when it is looked at. A cell's number is row × columns + column. */
export interface SiteIndex {
  readonly counts: MatrixDocument["counts"];
  readonly outdated: number;
  readonly records: number;
  readonly columns: readonly MatrixColumn[];
  readonly suites: readonly MatrixSuite[];
  /** `letters`, row by row in the order of suites and tests. */
  readonly outcomes: string;
  /** First lines of failures and reasons, each once. */
  readonly said: readonly string[];
  /** Cell number, then its place in `said`, and so on. */
  readonly saidOf: readonly number[];
  /** Cells that took more than one attempt: number, then attempts. */
  readonly attempts: readonly number[];
  /** Cells that fail now and passed when last something was known of them. */
  readonly regressed: readonly number[];
  /** Cells whose one image gave different outcomes of the same suite. */
  readonly flaky: readonly number[];
  readonly runs: readonly RunLine[];
  readonly problems: MatrixDocument["problems"];
  /** Folder of the pieces, relative to the page. */
  readonly data: string;
}

export interface RunLine {
  readonly run: string;
  readonly folder: string;
  readonly href?: string;
  readonly records: number;
  readonly planned?: number;
  readonly started?: string;
  readonly finished?: string;
}

/** Evidence of a story; `piece` names where the page finds its bytes. */
export type StoryEvidence = MatrixEvidence & { readonly piece?: string };

/** Everything known about a cell, in the piece `row-N` of its row, by column number. */
export interface Story {
  /** The newest record as it was read; absent for a planned cell without one. */
  readonly record?: Omit<CellRecord, "evidence">;
  readonly outcome: Outcome;
  readonly reason?: string;
  readonly run: string;
  readonly started: string;
  readonly evidence: readonly StoryEvidence[];
  readonly outdated: readonly string[];
  readonly history: readonly PastOutcome[];
  /** How many older outcomes are not in `history`. */
  readonly earlier: number;
  /** Piece with what was measured into the TPM, decoded. */
  readonly measured?: string;
  /** Why what was measured could not be decoded. */
  readonly measuredProblem?: string;
  /** Piece with the suite's YAML as it was run. */
  readonly source?: string;
}

/** One build of an image as one column saw it: the newest outcome of every row under that digest. In the piece `releases-N` of the image. */
export interface Edition {
  readonly column: number;
  readonly version: string;
  readonly digest: string;
  /** Milliseconds since the epoch of the oldest and newest record. */
  readonly first: number;
  readonly last: number;
  /** Letters, one a row. */
  readonly outcomes: string;
  /** One character a row that stands for the revision of the suite that was run: equal characters, equal revisions, in all editions. */
  readonly revisions: string;
}

/** Boot times of one column in one run, in the piece `trends`. Milliseconds, medians over `boots` boots. */
export interface TrendPoint {
  readonly run: string;
  readonly started: number;
  readonly version: string;
  readonly boots: number;
  readonly phases: Readonly<Record<string, number>>;
}

export type Trends = readonly { readonly column: number; readonly points: readonly TrendPoint[] }[];

/** Provenance of the runs by name, in the piece `runs`. */
export type RunPieces = Readonly<Record<string, Omit<RunProvenance, "planned"> | null>>;

/** One PCR bank as the machine held it at the end, against what its logs say. */
export interface MeasuredBank {
  readonly bank: string;
  readonly pcrs: readonly {
    readonly pcr: number;
    readonly value: string;
    /** Absent when nothing logs this PCR. */
    readonly replayed?: string;
    /** Values it had in earlier snapshots of the same cell, where they differ; oldest first. */
    readonly before: readonly string[];
    readonly events: readonly { readonly what: string; readonly digest: string; readonly after: string }[];
  }[];
}

export interface Measured {
  readonly banks: readonly MeasuredBank[];
  /** Lines for people: do values and logs agree, and where not, why. */
  readonly explanation: string;
  readonly agrees: boolean;
  readonly snapshots: number;
  /** Logs that were missing or could not be read. */
  readonly notes: readonly string[];
}
