import { sameSuite } from "./judge.ts";
import { NewestBuilds } from "./newest-builds.ts";
import type { Reason } from "./reasons.ts";
import type { Seen, SeenCell } from "./seen.ts";

/** What has to be known of all cells before any can be judged. */
export interface Survey {
  readonly newest: NewestBuilds;
  /** What is to be said of them as a whole. */
  readonly reasons: readonly Reason[];
}

/** Hosts' clocks differ, but not by so much. */
const mostAhead = 3_600_000;

const decided: readonly string[] = ["pass", "fail"];

/** Walks over all cells once. */
export function survey(current: Seen, baseline: Seen | undefined, now: Date): Survey {
  const newest = new NewestBuilds();
  const ahead = { count: 0, latest: "" };
  const changed = { count: 0, suites: new Set<string>() };
  let cells = 0;
  let alsoBefore = 0;
  for (const cell of current.cells()) {
    cells++;
    newest.add(cell);
    const [{ started, outcome }] = cell.seen;
    if (Date.parse(started) > now.getTime() + mostAhead) {
      ahead.count++;
      if (started > ahead.latest) ahead.latest = started;
    }
    const then = baseline?.find(cell);
    if (!then) continue;
    alsoBefore++;
    if (!decided.includes(outcome) || !decided.includes(then.seen[0].outcome) || sameSuite(then.seen[0], cell.seen[0])) continue;
    changed.count++;
    changed.suites.add(cell.suite);
  }
  const gone = count(baseline?.cells() ?? []) - alsoBefore;
  const reasons: Reason[] = [];
  if (ahead.count > 0) reasons.push({ weight: "harness", text: ofTheFuture(ahead) });
  if (cells === 0) reasons.push({ weight: "harness", text: "there is no outcome of any cell" });
  // Not a fault by itself: what must be there is the policy's to name.
  if (gone > 0) reasons.push({ weight: "note", text: `${gone} cells of the baseline were not tried now` });
  if (changed.count > 0) {
    // Cells that passed or failed both times, of which nothing can be said beyond that.
    const suites = [...changed.suites].sort().join(", ");
    reasons.push({ weight: "note", text: `${changed.count} cells not compared with the baseline: changed since: ${suites}` });
  }
  return { newest, reasons };
}

/** The newest outcome counts: one that is dated ahead would count until that day, whatever came after it. */
function ofTheFuture({ count: cells, latest }: { readonly count: number; readonly latest: string }): string {
  const have = cells === 1 ? "1 cell has an outcome" : `${cells} cells have outcomes`;
  return `${have} of the future, the latest of ${latest}: newer ones cannot be told from older`;
}

function count(cells: Iterable<SeenCell>): number {
  let sum = 0;
  for (const _ of cells) sum++;
  return sum;
}
