import { Expectations } from "./expectations.ts";
import { judge, type JudgedCell } from "./judge.ts";
import type { Policy } from "./policy.ts";
import { Reasons, type Reason } from "./reasons.ts";
import type { Seen, SeenCell } from "./seen.ts";
import { survey } from "./survey.ts";
import { verdicts, type Verdict, type Weight } from "./verdicts.ts";
import { waiversNeeded, WaiverTally, type JudgedWaiver } from "./waivers.ts";

export interface Decision {
  /** 0 open, 1 an image is at fault, 2 the harness or its input is: nothing can be said. */
  readonly exitCode: 0 | 1 | 2;
  /** Why the gate is closed, then what else is worth knowing; shortest first. */
  readonly reasons: Reasons;
  /** How many cells there are of each verdict that occurs. */
  readonly counts: Readonly<Partial<Record<Verdict, number>>>;
  /** Cells the policy expects and nobody has an outcome of that applies. */
  readonly absent: readonly JudgedCell[];
  /** What became of each waiver, in the order of the policy. */
  readonly waivers: readonly JudgedWaiver[];
  /** The verdict on a cell that was seen; what is among `absent` is judged there. */
  readonly judged: (cell: SeenCell) => JudgedCell;
  /** Every cell, judged as it is walked over, those that are absent last. */
  readonly cells: () => Iterable<JudgedCell>;
  readonly close: () => void;
}

const weightOf: Readonly<Partial<Record<Verdict, Weight>>> = {
  regressed: "image",
  "new-failure": "image",
  "still-failing": "image",
  flaky: "image",
  missing: "harness",
  error: "harness",
  fixed: "note",
  "unexpected-pass": "note",
  "known-issue": "note",
};

/**
 * Decides whether a release may go out, by what was seen now, a policy, and what was seen before. Walks over the cells two or three times and holds
 * none of them. Good while what was seen is open; must be closed.
 */
export function decide(current: Seen, policy: Policy, baseline: Seen | undefined, now: Date): Decision {
  const { newest, reasons: general } = survey(current, baseline, now);
  const alone = (cell: SeenCell) => judge(cell, { policy, baseline: baseline?.find(cell), newest: newest.of(cell), now });
  const needed = policy.waivers.length === 0 ? undefined : waiversNeeded(each(current.cells(), alone));
  const judged = (cell: SeenCell): JudgedCell => {
    const one = alone(cell);
    // A waiver that other cells need is not contradicted by one that passes.
    const isNeeded = one.verdict === "unexpected-pass" && one.waiver !== undefined && needed?.has(one.waiver);
    return isNeeded ? { ...one, verdict: "pass", why: undefined } : one;
  };

  const reasons = new Reasons();
  const tally = new WaiverTally(policy);
  const expectations = new Expectations(policy);
  const counts = new Map<Verdict, number>(verdicts.map((verdict) => [verdict, 0]));
  const meet = (cell: JudgedCell) => {
    counts.set(cell.verdict, counts.get(cell.verdict)! + 1);
    tally.meet(cell);
    const reason = reasonOf(cell, policy);
    if (reason) reasons.add(reason);
  };
  for (const cell of each(current.cells(), judged)) {
    expectations.meet(cell);
    meet(cell);
  }
  const absent = expectations.missing();
  for (const cell of absent) meet(cell);
  const waivers = tally.judged(now);
  for (const waiver of waivers) for (const reason of waiverReasons(waiver)) reasons.add(reason);
  for (const what of current.damage) reasons.add({ weight: "harness", text: `damaged: ${what}` });
  // What passed then may be in what cannot be read.
  for (const what of baseline?.damage ?? []) reasons.add({ weight: "harness", text: `damaged baseline: ${what}` });
  for (const reason of general) reasons.add(reason);
  return {
    ...{ reasons, absent, waivers, judged },
    exitCode: reasons.has("image") ? 1 : reasons.has("harness") ? 2 : 0,
    counts: Object.fromEntries([...counts].filter(([, count]) => count > 0)),
    *cells() {
      yield* each(current.cells(), judged);
      yield* absent;
    },
    close: () => reasons.close(),
  };
}

function* each<T, U>(all: Iterable<T>, made: (one: T) => U): Generator<U> {
  for (const one of all) yield made(one);
}

function reasonOf({ verdict, why, image, target, suite, test }: JudgedCell, policy: Policy): Reason | undefined {
  const weight = weightOf[verdict];
  if (weight === undefined) return undefined;
  const tolerated = policy.tolerate.some((one) => one === verdict);
  const text = `${verdict}: ${image} × ${target}, ${suite} › ${test}${why === undefined ? "" : `: ${why}`}`;
  return { weight: tolerated ? "note" : weight, text, cell: { image, target, suite, test } };
}

/** A waiver that has run out is said, and so is one that nothing needs: both are somebody's to clear away. */
function waiverReasons({ waiver, state }: JudgedWaiver): Reason[] {
  const at = `${waiver.at.file}:${waiver.at.line}`;
  const about = `${at}: ${waiver.reason} (${waiver.owner}, ${waiver.tracker})`;
  if (state === "expired") return [{ weight: "note", text: `expired waiver: ${about}, since ${waiver.expires}` }];
  return state === "unused" ? [{ weight: "note", text: `unused waiver: ${about}` }] : [];
}
