import type { Verdict } from "./gate/verdicts.ts";

export interface VerdictWord {
  readonly verdict: Verdict;
  /** One character beside the outcome; empty where the outcome says it all. */
  readonly symbol: string;
  readonly label: string;
  readonly meaning: string;
}

/** How each verdict of the gate is shown, the ones that close it first. */
export const verdictWords: readonly VerdictWord[] = [
  { verdict: "regressed", symbol: "↓", label: "regressed", meaning: "it passed in the baseline, and now fails or no longer applies" },
  { verdict: "new-failure", symbol: "+", label: "new failure", meaning: "it fails, and the baseline says nothing comparable" },
  { verdict: "still-failing", symbol: "=", label: "still failing", meaning: "it failed in the baseline too" },
  { verdict: "flaky", symbol: "~", label: "flaky", meaning: "it passed and failed with the same image and suite" },
  {
    verdict: "missing",
    symbol: "?",
    label: "missing",
    meaning: "expected, planned or known, and without an outcome for the newest build of the image",
  },
  { verdict: "error", symbol: "", label: "error", meaning: "osbench or the host failed; nothing excuses that" },
  { verdict: "known-issue", symbol: "⊘", label: "waived", meaning: "a waiver that holds excuses it" },
  { verdict: "unexpected-pass", symbol: "⇡", label: "unexpected pass", meaning: "a waiver excuses it, and it passes: the waiver can go" },
  { verdict: "fixed", symbol: "↑", label: "fixed", meaning: "it passes, and failed in the baseline" },
  { verdict: "not-applicable", symbol: "", label: "n/a", meaning: "the image or the target lacks what the test needs, and did before" },
  { verdict: "pass", symbol: "", label: "pass", meaning: "the claim holds" },
];

const byVerdict = new Map(verdictWords.map((word) => [word.verdict, word]));

/** The words of one verdict. */
export function wordOfVerdict(verdict: Verdict): VerdictWord {
  return byVerdict.get(verdict)!;
}

/** What the gate's exit codes mean, in words. */
export const gateWords = {
  0: "open",
  1: "closed: an image does not do what is claimed",
  2: "closed: nothing can be said of the image",
} as const;
