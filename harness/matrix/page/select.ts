import type { Outcome } from "../../model/record.ts";
import type { Verdict } from "../gate/verdicts.ts";
import { outcomeWords } from "../outcome-words.ts";
import { verdictWords } from "../verdict-words.ts";
import type { Matrix, Row } from "./matrix.ts";
import { marks, type Mark, type View } from "./view.ts";

export interface Selection {
  /** Outcomes and marks of the cells of the chosen image, target and words, before outcomes and marks are chosen. */
  readonly counts: Readonly<Record<Outcome | Mark, number>>;
  readonly verdicts: Readonly<Record<Verdict, number>>;
  /** One byte a cell: 1 where it matches. */
  readonly matching: Uint8Array;
  readonly found: number;
  /** Numbers of the columns and rows with a matching cell. */
  readonly columns: readonly number[];
  readonly suites: readonly { readonly suite: string; readonly file: string | undefined; readonly rows: readonly Row[] }[];
}

/** Finds the cells a view asks for. A word matches what stands in the cell's row, column, outcome or message. */
export function select(matrix: Matrix, view: Pick<View, "outcomes" | "verdicts" | "marks" | "image" | "target" | "query">): Selection {
  const width = matrix.columns.length;
  const words = view.query.toLowerCase().split(/\s+/).filter(Boolean);
  const masks = words.map((word) => maskOf(matrix, word));
  const columnOpen = matrix.columns.map(
    ({ image, target }) => (view.image === "" || view.image === image) && (view.target === "" || view.target === target),
  );
  const counts = Object.fromEntries([...outcomeWords.map(({ outcome }) => outcome), ...marks].map((name) => [name, 0])) as Record<
    Outcome | Mark,
    number
  >;
  const verdicts = Object.fromEntries(verdictWords.map(({ verdict }) => [verdict, 0])) as Record<Verdict, number>;
  const matching = new Uint8Array(matrix.rows.length * width);
  const columns = new Uint8Array(width);
  const rows = new Uint8Array(matrix.rows.length);
  let found = 0;
  for (let row = 0; row < matrix.rows.length; row++) {
    for (let column = 0; column < width; column++) {
      const cell = row * width + column;
      const outcome = matrix.outcome(cell);
      if (!columnOpen[column] || !matrix.there(cell)) continue;
      const verdict = matrix.verdict(cell);
      if (
        !masks.every(
          (mask) => mask.rows[row] || mask.columns[column] || mask.words.has(outcome) || mask.words.has(verdict) || mask.cells.has(cell),
        )
      )
        continue;
      const certificate = matrix.certificate(cell)?.is.state;
      const marked = {
        regressed: matrix.regressed.has(cell),
        flaky: matrix.flaky.has(cell),
        older: matrix.outdated(cell),
        certified: certificate === "holds",
        uncertain: certificate !== undefined && certificate !== "holds",
      };
      if (outcome) counts[outcome]++;
      if (verdict) verdicts[verdict]++;
      for (const mark of marks) if (marked[mark]) counts[mark]++;
      if (view.outcomes.length > 0 && (outcome === undefined || !view.outcomes.includes(outcome))) continue;
      if (view.verdicts.length > 0 && (verdict === undefined || !view.verdicts.includes(verdict))) continue;
      if (!view.marks.every((mark) => marked[mark])) continue;
      matching[cell] = 1;
      columns[column] = 1;
      rows[row] = 1;
      found++;
    }
  }
  let first = 0;
  const suites = matrix.index.suites.map(({ suite, file, tests }) => {
    const own = matrix.rows.slice(first, first + tests.length).filter(({ row }) => rows[row]);
    first += tests.length;
    return { suite, file, rows: own };
  });
  return {
    ...{ counts, verdicts, matching, found },
    columns: matrix.columns.flatMap((_, column) => (columns[column] ? [column] : [])),
    suites: suites.filter((suite) => suite.rows.length > 0),
  };
}

function maskOf(matrix: Matrix, word: string) {
  const has = (...texts: readonly (string | undefined)[]) => texts.some((text) => text?.toLowerCase().includes(word));
  const said = matrix.index.said.map((text) => has(text));
  const cells = new Set<number>();
  const { saidOf } = matrix.index;
  for (let at = 0; at < saidOf.length; at += 2) if (said[saidOf[at + 1]!]) cells.add(saidOf[at]!);
  return {
    rows: matrix.rows.map(({ suite, test }) => has(suite, test)),
    columns: matrix.columns.map(({ image, target, version }) => has(image, target, version)),
    words: new Set<Outcome | Verdict | undefined>([
      ...outcomeWords.filter(({ outcome, label }) => label === word || outcome === word).map(({ outcome }) => outcome),
      ...verdictWords
        .filter(({ verdict, label }) => verdict !== "pass" && (label === word || verdict === word))
        .map(({ verdict }) => verdict),
    ]),
    cells,
  };
}
