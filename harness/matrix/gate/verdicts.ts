/** A cell's outcome seen through policy and baseline. */
export const verdicts = [
  "pass",
  "fixed",
  "not-applicable",
  "known-issue",
  "unexpected-pass",
  "flaky",
  "new-failure",
  "still-failing",
  "regressed",
  "missing",
  "error",
] as const;
export type Verdict = (typeof verdicts)[number];

/** Whom a reason speaks against: the image, the harness (or what it was given), or nobody. */
export type Weight = "image" | "harness" | "note";

/**
 * What becomes of a waiver: it excuses a cell; it has expired; it speaks of no cell; it speaks of cells that do not need it (all of them pass,
 * or are what it does not excuse).
 */
export type WaiverState = "in-use" | "expired" | "unused" | "not-needed";
