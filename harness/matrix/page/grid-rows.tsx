import { memo } from "preact/compat";
import { wordOf } from "../outcome-words.ts";
import { CellButton } from "./cell-button.tsx";
import type { Matrix } from "./matrix.ts";
import type { Selection } from "./select.ts";
import type { RowBlock } from "./use-blocks.ts";

interface BlockProps {
  readonly matrix: Matrix;
  readonly columns: readonly number[];
  readonly matching: Uint8Array;
  readonly block: RowBlock;
  readonly stop: number;
  readonly onFocus: (cell: number) => void;
  readonly onOpen: (cell: number) => void;
}

/** Some rows of a suite; an empty space of their height while nobody can see them. */
export const Block = memo(
  function Block({ matrix, columns, matching, block, stop, onFocus, onOpen }: BlockProps) {
    if (!block.drawn) {
      const height = block.height === undefined ? `calc(var(--row) * ${block.rows.length})` : `${block.height}px`;
      return (
        <tbody data-block={block.id} aria-hidden="true">
          <tr style={{ height }}>
            <td colSpan={columns.length + 1} />
          </tr>
        </tbody>
      );
    }
    return (
      <tbody data-block={block.id}>
        {block.rows.map(({ row, test }) => (
          <tr key={row}>
            <th scope="row">{test}</th>
            {columns.map((column) => {
              const cell = matrix.cell(row, column);
              if (!matrix.there(cell)) return <td />;
              return (
                <td>
                  <CellButton {...{ matrix, cell, onFocus, onOpen }} dim={matching[cell] !== 1} stop={stop === cell} />
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    );
  },
  // The tab stop moves within one block, or from one to another; the others need not be looked at.
  (before, after) =>
    before.block.drawn === after.block.drawn &&
    before.block.rows === after.block.rows &&
    before.columns === after.columns &&
    before.matching === after.matching &&
    (before.stop === after.stop || (!holds(before, before.stop) && !holds(after, after.stop))),
);

function holds({ matrix, block }: BlockProps, cell: number): boolean {
  if (cell < 0) return false;
  const { row } = matrix.rowOf(cell);
  return block.rows[0]!.row <= row && row <= block.rows.at(-1)!.row;
}

interface HeadProps {
  readonly matrix: Matrix;
  readonly suite: Selection["suites"][number];
  readonly columns: readonly number[];
  readonly folded: boolean;
  readonly onFold: () => void;
}

/** A suite's line: how much of it passes in each column, all of its tests counted, also those left out. */
export function SuiteHead({ matrix, suite: { suite, file }, columns, folded, onFold }: HeadProps) {
  const tests = matrix.rows.filter((row) => row.suite === suite);
  const waived = (cell: number) => matrix.verdict(cell) === "known-issue";
  return (
    <tr class="suite">
      <th scope="row">
        <button aria-expanded={!folded} onClick={onFold} title={file}>
          {suite}
        </button>
      </th>
      {columns.map((column) => {
        const own = tests.map(({ row }) => matrix.cell(row, column)).filter((cell) => matrix.there(cell));
        if (own.length === 0) return <td />;
        const applied = own.filter((cell) => matrix.outcome(cell) !== "not-applicable");
        const passed = applied.filter((cell) => matrix.outcome(cell) === "pass").length;
        const worst = (["fail", "error", "not-run"] as const).find((outcome) =>
          own.some((cell) => matrix.outcome(cell) === outcome && !waived(cell)),
        );
        const missed = own.filter((cell) => matrix.absent(cell) !== undefined).length;
        const old = applied.some((cell) => matrix.outdated(cell));
        const said = applied.length === 0 ? "n/a" : `${passed}/${applied.length}`;
        return (
          <td
            class={worst ? `sum ${worst}` : "sum"}
            title={`${passed} of ${applied.length} that apply pass${worst ? `, worst: ${wordOf(worst).label}` : ""}${old ? ", some of an older image or suite" : ""}`}
          >
            {worst && <span aria-hidden="true">{wordOf(worst).symbol} </span>}
            {missed > 0 && <span title={`${missed} expected, and nobody planned`}>? </span>}
            {own.some(waived) && <span title="some of it waived">⊘ </span>}
            {said}
            {old && <span aria-hidden="true"> ↺</span>}
          </td>
        );
      })}
    </tr>
  );
}
