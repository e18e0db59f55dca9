import type { CellRecord, Outcome, RunProvenance, TargetKind } from "../../model/record.ts";
import type { Verdict, Weight } from "../gate/verdicts.ts";
import type { MatrixCell, MatrixColumn, MatrixDecision, MatrixDocument, MatrixEvidence, MatrixSuite, PastOutcome } from "../document.ts";

/** One letter an outcome in the grid's text; the capital says that it is about an older image or suite. A space is a cell nobody ever planned. */
export const letters: Readonly<Record<Outcome, string>> = { pass: "p", fail: "f", error: "e", "not-applicable": "n", "not-run": "m" };

/** One letter a verdict, in the grid's text of verdicts; a space where there is none. */
export const verdictLetters: Readonly<Record<Verdict, string>> = {
  ...{ pass: "p", fixed: "u", "not-applicable": "n", "known-issue": "w", "unexpected-pass": "x", flaky: "y" },
  ...{ "new-failure": "f", "still-failing": "s", regressed: "r", missing: "m", error: "e" },
};

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
  /** What the gate says; absent where it was not asked. */
  readonly decision?: SiteDecision;
  readonly certificates: readonly SiteCertificate[];
  /** What certificate a cell's result is under, one character a cell (`certifiedAs`); empty where there is none at all. */
  readonly certified: string;
  /** Folder of the pieces, relative to the page. */
  readonly data: string;
}

/** The gate's decision on what is shown. */
export type SiteDecision = Omit<MatrixDecision, "reasons" | "absent"> & {
  /** `verdictLetters`, as `outcomes`. */
  readonly verdicts: string;
  /** Cells that are expected and that nobody planned, and why that is so. */
  readonly absent: readonly { readonly cell: number; readonly why: string }[];
  readonly reasons: readonly { readonly weight: Weight; readonly text: string; readonly cell?: number }[];
};

/** A waiver of the policy, where it stands, and what became of it. */
export type SiteWaiver = MatrixDecision["waivers"][number];

/** The verdict on a cell, with the place of its waiver in the decision. */
export type StoryVerdict = NonNullable<MatrixCell["judged"]>;

/** A certificate that was met in a run directory, or named. Only one that `holds` vouches for anything. */
export interface SiteCertificate {
  readonly state: "holds" | "does-not-hold" | "unchecked";
  /** The run whose directory it stands in; absent where that run is not shown. */
  readonly run?: string;
  readonly file: string;
  /** Of the key it was checked with. */
  readonly key?: string;
  readonly problems: readonly string[];
  /** Of one that holds. */
  readonly result?: string;
  readonly hardware?: boolean;
  readonly notice?: string;
  readonly counts?: Readonly<Record<string, number>>;
  readonly files?: number;
}

const kinds: readonly TargetKind[] = ["emulated", "virtualised", "container", "hardware", "unknown"];
const firstCertified = 0x100;

/** The character that stands for a result under a certificate, made in a machine of this kind. */
export function certifiedCode(certificate: number, kind: TargetKind): number {
  return firstCertified + certificate * kinds.length + kinds.indexOf(kind);
}

/** What a character of `certified` stands for; undefined for none. */
export function certifiedAs(code: number): { readonly certificate: number; readonly kind: TargetKind } | undefined {
  if (!(code >= firstCertified)) return undefined;
  const rest = code - firstCertified;
  return { certificate: Math.floor(rest / kinds.length), kind: kinds[rest % kinds.length]! };
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
  /** What the gate says of it. */
  readonly judged?: StoryVerdict;
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
