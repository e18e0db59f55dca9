import { memo } from "preact/compat";
import type { MatrixCell } from "../document.ts";
import { wordOf } from "../outcome-words.ts";
import { duration } from "./format.ts";

interface Props {
  readonly cell: MatrixCell;
  readonly id: string;
  readonly dim: boolean;
  readonly open: boolean;
  readonly stop: boolean;
  readonly onFocus: (id: string) => void;
  readonly onOpen: (id: string) => void;
}

/** One outcome in the grid: colour, symbol and word, and marks for what is less certain than it looks. Redrawn only when something about it changed: a large matrix has thousands. */
export const CellButton = memo(function CellButton({ cell, id, dim, open, stop, onFocus, onOpen }: Props) {
  const { symbol, label } = wordOf(cell.outcome);
  const old = cell.outdated.length > 0;
  const notes = [
    cell.reason ?? cell.failure?.message.split("\n")[0],
    cell.durationMs === undefined ? undefined : duration(cell.durationMs),
    cell.attempts !== undefined && cell.attempts > 1 ? `${cell.attempts} attempts` : undefined,
    ...cell.outdated,
  ];
  return (
    <button
      class={`cell ${cell.outcome}${dim ? " dim" : ""}${old ? " old" : ""}`}
      data-cell={id}
      aria-expanded={open}
      aria-label={`${label}${old ? ", older" : ""}: ${cell.suite}, ${cell.test}, ${cell.image} on ${cell.target}`}
      title={notes.filter(Boolean).join("\n")}
      tabIndex={stop ? 0 : -1}
      onFocus={() => onFocus(id)}
      onClick={() => onOpen(id)}
    >
      <span class="symbol" aria-hidden="true">
        {symbol}
      </span>
      <span class="label">{label}</span>
      {cell.attempts !== undefined && cell.attempts > 1 && <span class="mark">×{cell.attempts}</span>}
      {old && <span class="mark">↺</span>}
    </button>
  );
});
