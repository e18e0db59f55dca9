import type { Outcome } from "../../model/record.ts";
import type { MatrixCell, MatrixColumn, MatrixDocument, MatrixSuite } from "../document.ts";
import { outcomeWords } from "../outcome-words.ts";

/** What the reader chose to see. Lives in the address, so a view can be sent to a colleague. */
export interface View {
  readonly outcomes: readonly Outcome[];
  readonly outdated: boolean;
  readonly image: string;
  readonly query: string;
  /** Key of the cell whose panel is open. */
  readonly cell: string;
}

export const everything: View = { outcomes: [], outdated: false, image: "", query: "", cell: "" };

export function readView(hash: string): View {
  const found = new URLSearchParams(hash.replace(/^#/, ""));
  const chosen = (found.get("outcome") ?? "").split(",");
  return {
    outcomes: outcomeWords.map((word) => word.outcome).filter((outcome) => chosen.includes(outcome)),
    outdated: found.has("outdated"),
    image: found.get("image") ?? "",
    query: found.get("q") ?? "",
    cell: found.get("cell") ?? "",
  };
}

export function writeView(view: View): string {
  const said = new URLSearchParams();
  if (view.outcomes.length > 0) said.set("outcome", view.outcomes.join(","));
  if (view.outdated) said.set("outdated", "1");
  if (view.image) said.set("image", view.image);
  if (view.query) said.set("q", view.query);
  if (view.cell) said.set("cell", view.cell);
  return said.toString();
}

export function keyOf(cell: Pick<MatrixCell, "image" | "target" | "suite" | "test">): string {
  return [cell.image, cell.target, cell.suite, cell.test].join(" | ");
}

export interface Selection {
  /** Cells of the chosen image and words, before outcomes are chosen: what the counts count. */
  readonly counted: readonly MatrixCell[];
  readonly matching: ReadonlySet<string>;
  readonly columns: readonly MatrixColumn[];
  readonly suites: readonly ShownSuite[];
}

export interface ShownSuite extends MatrixSuite {
  /** All tests of the suite, also those left out, for its sums. */
  readonly whole: readonly string[];
}

/** Rows and columns without a matching cell are left out. */
export function select(matrix: MatrixDocument, view: View): Selection {
  const words = view.query.toLowerCase().split(/\s+/).filter(Boolean);
  const counted = matrix.cells.filter(
    (cell) => (view.image === "" || cell.image === view.image) && words.every((word) => textOf(cell).includes(word)),
  );
  const matched = counted.filter(
    (cell) => (view.outcomes.length === 0 || view.outcomes.includes(cell.outcome)) && (!view.outdated || cell.outdated.length > 0),
  );
  const shownColumns = new Set(matched.map((cell) => `${cell.image}\n${cell.target}`));
  const shownRows = new Set(matched.map((cell) => `${cell.suite}\n${cell.test}`));
  return {
    counted,
    matching: new Set(matched.map(keyOf)),
    columns: matrix.columns.filter((column) => shownColumns.has(`${column.image}\n${column.target}`)),
    suites: matrix.suites
      .map((suite) => ({ ...suite, whole: suite.tests, tests: suite.tests.filter((test) => shownRows.has(`${suite.suite}\n${test}`)) }))
      .filter((suite) => suite.tests.length > 0),
  };
}

function textOf(cell: MatrixCell): string {
  return [cell.suite, cell.test, cell.image, cell.target, cell.outcome, cell.reason, cell.failure?.message, cell.failure?.code]
    .join(" ")
    .toLowerCase();
}
