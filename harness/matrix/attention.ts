import type { MatrixCell } from "./document.ts";
import { outcomeWords } from "./outcome-words.ts";

/** Failures, then errors; one test that says the same on several columns is one group. */
export function needsAttention(cells: readonly MatrixCell[]): MatrixCell[][] {
  const groups = new Map<string, MatrixCell[]>();
  for (const { outcome } of outcomeWords.slice(0, 2)) {
    for (const cell of cells.filter((each) => each.outcome === outcome)) {
      const key = [outcome, cell.suite, cell.test, firstLine(cell)].join("\n");
      groups.set(key, [...(groups.get(key) ?? []), cell]);
    }
  }
  return [...groups.values()];
}

/** The first line of why a cell is what it is. */
export function firstLine(cell: MatrixCell): string {
  return cell.failure?.message.split("\n")[0] ?? cell.reason ?? "no message recorded";
}
