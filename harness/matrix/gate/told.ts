import type { MatrixDecision } from "../document.ts";
import type { Decision } from "./decide.ts";
import type { Policy } from "./policy.ts";
import type { Seen } from "./seen.ts";

/** What the gate is asked with. What the baseline saw must be open. */
export interface GateQuestion {
  readonly policy: Policy;
  readonly baseline: { readonly names: readonly string[]; readonly seen: Seen } | undefined;
  readonly now: Date;
}

/** Beyond this a list helps nobody. */
const mostReasons = 1000;

/** A decision as it is published: without the verdicts on cells that were seen. */
export function told(
  { exitCode, reasons, counts, waivers, absent }: Decision,
  { policy: { policy }, baseline, now }: GateQuestion,
): MatrixDecision {
  const first: MatrixDecision["reasons"] = [];
  for (const reason of reasons) if (first.push(reason) === mostReasons) break;
  return {
    policy,
    ...(baseline && { baseline: [...baseline.names] }),
    day: now.toISOString().slice(0, 10),
    ...{ exitCode, counts, reasons: first },
    moreReasons: reasons.length - first.length,
    waivers: waivers.map(({ waiver: { at, ...waiver }, ...became }) => ({ ...waiver, at: `${at.file}:${at.line}`, ...became })),
    absent: absent.map(({ image, target, suite, test, why }) => ({ image, target, suite, test, ...(why !== undefined && { why }) })),
  };
}
