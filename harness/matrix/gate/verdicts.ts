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
export const weights = ["image", "harness", "note"] as const;
export type Weight = (typeof weights)[number];

/**
 * What becomes of a waiver: it excuses a cell; it has expired; it speaks of no cell; it speaks of cells that do not need it (all of them pass,
 * or are what it does not excuse).
 */
export const waiverStates = ["in-use", "expired", "unused", "not-needed"] as const;
export type WaiverState = (typeof waiverStates)[number];
