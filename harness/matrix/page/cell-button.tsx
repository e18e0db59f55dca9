import { memo } from "preact/compat";
import { wordOf } from "../outcome-words.ts";
import type { Matrix } from "./matrix.ts";

interface Props {
  readonly matrix: Matrix;
  readonly cell: number;
  readonly dim: boolean;
  readonly stop: boolean;
  readonly onFocus: (cell: number) => void;
  readonly onOpen: (cell: number) => void;
}

/** One outcome in the grid: colour, symbol and word, and marks for what is less certain than it looks. Redrawn only when something about it changed. */
export const CellButton = memo(function CellButton({ matrix, cell, dim, stop, onFocus, onOpen }: Props) {
  const outcome = matrix.outcome(cell)!;
  const { symbol, label } = wordOf(outcome);
  const old = matrix.outdated(cell);
  const attempts = matrix.attempts(cell);
  const regressed = matrix.regressed.has(cell);
  const flaky = matrix.flaky.has(cell);
  const { suite, test } = matrix.rowOf(cell);
  const { image, target } = matrix.columnOf(cell);
  const words = [label, regressed && "passed before", flaky && "flaky", old && "older", attempts > 1 && `${attempts} attempts`]
    .filter(Boolean)
    .join(", ");
  return (
    <button
      class={`cell ${outcome}${dim ? " dim" : ""}${old ? " old" : ""}`}
      data-cell={cell}
      aria-label={`${words}: ${suite}, ${test}, ${image} on ${target}`}
      title={[`${image} × ${target}: ${words}`, matrix.said(cell)].filter(Boolean).join("\n")}
      tabIndex={stop ? 0 : -1}
      onFocus={() => onFocus(cell)}
      onClick={() => onOpen(cell)}
    >
      <span class="symbol" aria-hidden="true">
        {symbol}
      </span>
      <span class="label">{label}</span>
      <span class="marks" aria-hidden="true">
        {regressed && <i>↓</i>}
        {flaky && <i>~</i>}
        {old && <i>↺</i>}
        {attempts > 1 && <i>×{attempts}</i>}
      </span>
    </button>
  );
});
