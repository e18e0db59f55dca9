import type { JudgedCell } from "./judge.ts";
import { covers, type Policy, type Waiver } from "./policy.ts";
import type { Verdict, WaiverState } from "./verdicts.ts";

export interface JudgedWaiver {
  readonly waiver: Waiver;
  readonly state: WaiverState;
  /** How many cells it speaks of, and how many of those it excuses. */
  readonly met: number;
  readonly excused: number;
}

/** Says of every waiver of a policy what has become of it, once every cell was met. */
export class WaiverTally {
  readonly #own: ReadonlyMap<Waiver, { met: number; excused: number }>;

  constructor({ waivers }: Policy) {
    this.#own = new Map(waivers.map((waiver) => [waiver, { met: 0, excused: 0 }]));
  }

  meet({ waiver, verdict }: JudgedCell): void {
    const counts = waiver && this.#own.get(waiver);
    if (!counts) return;
    counts.met++;
    if (verdict === "known-issue") counts.excused++;
  }

  judged(now: Date): JudgedWaiver[] {
    return [...this.#own].map(([waiver, counts]) => ({ waiver, ...counts, state: stateOf(waiver, counts, now) }));
  }
}

/** What does not apply wants no excuse unless it is given one; of what erred or is missing nobody knows. */
const idle: readonly Verdict[] = ["unexpected-pass", "not-applicable"];

/** Waivers that a cell needs: those are not contradicted by another cell that passes. */
export function waiversNeeded(cells: Iterable<JudgedCell>): ReadonlySet<Waiver> {
  const needed = new Set<Waiver>();
  for (const { verdict, waiver } of cells) if (waiver && !idle.includes(verdict)) needed.add(waiver);
  return needed;
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
