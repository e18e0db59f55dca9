import type { JudgedCell } from "./judge.ts";
import { covers, type Policy, type Waiver } from "./policy.ts";
import type { WaiverState } from "./verdicts.ts";

export interface JudgedWaiver {
  readonly waiver: Waiver;
  readonly state: WaiverState;
  /** How many cells it speaks of, and how many of those it excuses. */
  readonly met: number;
  readonly excused: number;
}

/** Says of every waiver of a policy what has become of it. */
export function judgeWaivers(cells: readonly JudgedCell[], { waivers }: Policy, now: Date): JudgedWaiver[] {
  const own = new Map(waivers.map((waiver) => [waiver, { met: 0, excused: 0 }]));
  for (const { waiver, verdict } of cells) {
    const counts = waiver && own.get(waiver);
    if (!counts) continue;
    counts.met++;
    if (verdict === "known-issue") counts.excused++;
  }
  return [...own].map(([waiver, counts]) => ({ waiver, ...counts, state: stateOf(waiver, counts, now) }));
}

function stateOf(waiver: Waiver, { met, excused }: Pick<JudgedWaiver, "met" | "excused">, now: Date): WaiverState {
  if (expired(waiver, now)) return "expired";
  if (met === 0) return "unused";
  return excused > 0 ? "in-use" : "not-needed";
}

/** A waiver holds to the end of its last day, UTC. */
export function expired({ expires }: Pick<Waiver, "expires">, now: Date): boolean {
  return now.toISOString().slice(0, 10) > expires;
}

/** The waiver that speaks for a cell: one that excuses this and still holds before one that has expired, and that before one for something else. */
export function waiverFor(
  cell: Parameters<typeof covers>[1],
  kind: Waiver["excuses"][number] | undefined,
  policy: Policy,
  now: Date,
): Waiver | undefined {
  const about = policy.waivers.filter((one) => covers(one.cells, cell));
  const fits = about.filter((one) => kind === undefined || one.excuses.includes(kind));
  return fits.find((one) => !expired(one, now)) ?? fits[0] ?? about[0];
}
