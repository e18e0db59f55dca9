import { ClaimFailed, HarnessError } from "../model/errors.ts";
import type { PcrValues } from "../tpm/replay.ts";

export interface PcrChangeClaim {
  readonly changed: readonly number[];
  readonly same: readonly number[] | "all" | "others";
  readonly mayChange: readonly number[];
}

/** PCRs that belong to whoever wants them, or to IMA: a boot may change them without anything being wrong. */
const free = new Set([10, 16, 23]);

/** Claims which PCRs differ from the ones remembered, in every bank, saying every PCR that breaks the claim. Throws HarnessError when nothing was remembered. */
export function claimPcrChanges(remembered: unknown, now: PcrValues, claim: PcrChangeClaim): void {
  if (remembered === undefined) {
    throw new HarnessError("OSB_PCR_NOTHING", "the step compares PCRs, which no earlier step remembered", {
      hint: "Put `- pcr: { remember: true }` before it.",
    });
  }
  const before = remembered as PcrValues;
  const broken: string[] = [];
  const banks = Object.keys(before);
  if (banks.toSorted().join() !== Object.keys(now).toSorted().join())
    broken.push(`the active banks were ${banks.join(", ")}, now ${Object.keys(now).join(", ")}`);
  for (const bank of banks) {
    for (const pcr of [...claim.changed, ...(Array.isArray(claim.same) ? claim.same : [])]) {
      if (before[bank]![pcr] === undefined) broken.push(`PCR ${pcr} (${bank}) was not there when the PCRs were remembered`);
    }
    for (const [key, old] of Object.entries(before[bank]!)) {
      const pcr = Number(key);
      const differs = now[bank]?.[pcr] !== old;
      if (claim.changed.includes(pcr) && !differs) broken.push(`PCR ${pcr} (${bank}) did not change: ${old}`);
      if (mustStay(pcr, claim) && differs) broken.push(`PCR ${pcr} (${bank}) changed from ${old} to ${now[bank]?.[pcr] ?? "nothing"}`);
    }
  }
  if (broken.length > 0) throw new ClaimFailed("OSB_PCR_CHANGES", broken[0]!, { evidence: { "all differences": broken.join("\n") } });
}

function mustStay(pcr: number, { changed, same, mayChange }: PcrChangeClaim): boolean {
  if (Array.isArray(same)) return same.includes(pcr);
  if (free.has(pcr)) return false;
  return same === "all" || (!changed.includes(pcr) && !mayChange.includes(pcr));
}
