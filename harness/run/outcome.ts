import type { CellRecord, Outcome } from "../model/record.ts";
import { interruptedCode } from "./interrupt.ts";

/** How many cells came to each outcome. */
export function countOutcomes(records: readonly CellRecord[]): Partial<Record<Outcome, number>> {
  const counts: Partial<Record<Outcome, number>> = {};
  for (const { outcome } of records) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}

/**
 * What the process exits with: 0 when every claim holds (or does not apply), 1 when one failed, 3 when the harness failed or a planned cell did
 * not run, 130 when interrupted. A failed claim outweighs an error: it is known. A run without any record proves nothing, and is an error.
 */
export function exitCodeOf(records: readonly CellRecord[], problems: readonly string[], interrupted: boolean): number {
  const counts = countOutcomes(records);
  if (interrupted) return interruptedCode;
  if (counts.fail) return 1;
  return counts.error || counts["not-run"] || problems.length > 0 || records.length === 0 ? 3 : 0;
}
