import type { Outcome } from "../model/record.ts";

export interface OutcomeWord {
  readonly outcome: Outcome;
  /** One character, so that no reader depends on colour. */
  readonly symbol: string;
  /** The same for places that render emoji, such as a Git forge. */
  readonly emoji: string;
  readonly label: string;
  readonly meaning: string;
}

/** How each outcome is shown everywhere, the ones that need a person first. */
export const outcomeWords: readonly OutcomeWord[] = [
  { outcome: "fail", symbol: "✗", emoji: "❌", label: "fail", meaning: "the image did not do what is claimed" },
  { outcome: "error", symbol: "!", emoji: "⚠️", label: "error", meaning: "the harness or the host broke; says nothing about the image" },
  { outcome: "not-run", symbol: "○", emoji: "⬜", label: "not run", meaning: "planned, but there is no result" },
  {
    outcome: "not-applicable",
    symbol: "–",
    emoji: "➖",
    label: "n/a",
    meaning: "the image or the target lacks a capability the test needs",
  },
  { outcome: "pass", symbol: "✓", emoji: "✅", label: "pass", meaning: "the claim held" },
];

const byOutcome = new Map(outcomeWords.map((word) => [word.outcome, word]));

/** The words of one outcome. */
export function wordOf(outcome: Outcome): OutcomeWord {
  return byOutcome.get(outcome)!;
}
