import { memo } from "preact/compat";
import { wordOf } from "../outcome-words.ts";
import { wordOfVerdict } from "../verdict-words.ts";
import { certificateWords } from "./certificate.tsx";
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
  const outcome = matrix.outcome(cell);
  const { symbol, label } = outcome === undefined ? { symbol: "?", label: "missing" } : wordOf(outcome);
  const verdict = matrix.verdict(cell);
  const judged = verdict === undefined || outcome === undefined ? undefined : wordOfVerdict(verdict);
  const news = judged && judged.symbol !== "" ? judged : undefined;
  const old = matrix.outdated(cell);
  const attempts = matrix.attempts(cell);
  const regressed = matrix.regressed.has(cell);
  const flaky = matrix.flaky.has(cell);
  const certificate = matrix.certificate(cell);
  const { suite, test } = matrix.rowOf(cell);
  const { image, target } = matrix.columnOf(cell);
  const words = [
    label,
    news?.label,
    regressed && "passed before",
    flaky && "flaky",
    old && "older",
    attempts > 1 && `${attempts} attempts`,
    certificate && certificateWords(certificate),
  ]
    .filter(Boolean)
    .join(", ");
  return (
    <button
      class={`cell ${outcome ?? "absent"}${verdict === "known-issue" ? " waived" : ""}${dim ? " dim" : ""}${old ? " old" : ""}`}
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
      <span class="label">{verdict === "known-issue" ? "waived" : label}</span>
      <span class="marks" aria-hidden="true">
        {news && <i>{news.symbol}</i>}
        {regressed && <i>↓</i>}
        {flaky && <i>~</i>}
        {old && <i>↺</i>}
        {attempts > 1 && <i>×{attempts}</i>}
        {certificate && <i>{certificate.is.state === "holds" ? "§" : "§!"}</i>}
      </span>
    </button>
  );
});
