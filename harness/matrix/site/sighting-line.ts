import type { Outcome } from "../../model/record.ts";

/** What pass one keeps of a record, or of a plan: enough to order a cell's outcomes, and where to read the record again. */
export interface SightingLine {
  readonly column: number;
  /** Number of the run directory. */
  readonly head: number;
  /** Where the record's line stands in its file; -1 for a planned cell. */
  readonly offset: number;
  readonly bytes: number;
  readonly started: number;
  /** Place among all that was read: of two at one instant the later one is newer. */
  readonly sequence: number;
  readonly outcome: Outcome;
  readonly durationMs: number;
  readonly attempts: number;
  /** Numbers of texts; 0 is the empty text. */
  readonly version: number;
  readonly digest: number;
  readonly suiteDigest: number;
  /** Digest of the line, only where two directories hold the same run. */
  readonly hash: string;
  /** First line of the failure, or the reason. */
  readonly message: string;
}

export function packSighting(one: SightingLine): string {
  return JSON.stringify(Object.values(one));
}

export function unpackSighting(line: string): SightingLine {
  const [column, head, offset, bytes, started, sequence, outcome, durationMs, attempts, version, digest, suiteDigest, hash, message] =
    JSON.parse(line) as never[];
  return {
    ...{ column: column!, head: head!, offset: offset!, bytes: bytes!, started: started!, sequence: sequence!, outcome: outcome! },
    ...{
      durationMs: durationMs!,
      attempts: attempts!,
      version: version!,
      digest: digest!,
      suiteDigest: suiteDigest!,
      hash: hash!,
      message: message!,
    },
  };
}
