import type { BootAssessment, Entry } from "./adapter.ts";
import { splitCounter } from "./entries.ts";

/**
 * Judges the running boot from the path the loader counted and the entries as they are named now. `systemd-bless-boot status` cannot
 * serve here: it says "clean" both for a system that is blessed and for one whose counting was never armed.
 */
export function assess(countedPath: string | undefined, entries: readonly Entry[]): BootAssessment {
  if (countedPath === undefined) return { state: "uncounted", countedPath, entry: undefined };
  const plain = splitCounter(countedPath.split(/[\\/]/).at(-1)!).plain;
  const entry = entries.find((candidate) => splitCounter(candidate.name).plain === plain);
  if (!entry) return { state: "lost", countedPath, entry };
  if (entry.triesLeft === undefined) return { state: "good", countedPath, entry };
  return { state: entry.triesLeft > 0 ? "counting" : "bad", countedPath, entry };
}
