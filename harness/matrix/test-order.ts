import type { RunContents } from "./read-run.ts";
import { order } from "./read-runs.ts";

/** Puts a suite's tests in the order its file has them: as the fullest run planned or recorded them, the newest of equals; the rest by name after. */
export function testOrder(suite: string, tests: readonly string[], runs: readonly RunContents[]): string[] {
  let fullest: string[] = [];
  for (const run of runs) {
    const planned = (run.provenance?.planned ?? []).filter((cell) => cell.suite === suite).map((cell) => cell.test);
    const recorded = run.records.filter((record) => record.suite.name === suite).map((record) => record.test);
    const seen = [...new Set([...planned, ...recorded])];
    if (seen.length >= fullest.length) fullest = seen;
  }
  const place = new Map(fullest.map((test, index) => [test, index]));
  const last = fullest.length;
  return [...tests].sort((a, b) => (place.get(a) ?? last) - (place.get(b) ?? last) || order(a, b));
}
