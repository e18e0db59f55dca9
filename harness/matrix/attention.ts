import type { MatrixCell } from "./document.ts";
import { outcomeWords } from "./outcome-words.ts";

type Named = Pick<MatrixCell, "outcome" | "suite" | "test">;

/** Failures, then errors; one test that says the same on several columns is one group. */
export function needsAttention(cells: readonly MatrixCell[]): MatrixCell[][] {
  return groupsThatNeedAttention(cells, firstLine);
}

/** The same for anything that names its cell; `said` is the first line of why it is what it is. */
export function groupsThatNeedAttention<C extends Named>(cells: readonly C[], said: (cell: C) => string): C[][] {
  const groups = new Map<string, C[]>();
  for (const { outcome } of outcomeWords.slice(0, 2)) {
    for (const cell of cells) {
      if (cell.outcome !== outcome) continue;
      const key = [outcome, cell.suite, cell.test, said(cell)].join("\n");
      const known = groups.get(key);
      if (known) known.push(cell);
      else groups.set(key, [cell]);
    }
  }
  return [...groups.values()];
}

/** The first line of why a cell is what it is. */
export function firstLine(cell: MatrixCell): string {
  return cell.failure?.message.split("\n")[0] ?? cell.reason ?? "no message recorded";
}
