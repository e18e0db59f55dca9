import { wordOf } from "../outcome-words.ts";
import { wordOfVerdict } from "../verdict-words.ts";
import type { Matrix } from "./matrix.ts";

/** The claims of the suite in this column, in their order: a test is often what the one before it left. Then the same claim elsewhere. */
export function Claims({ matrix, cell, onOpen }: { matrix: Matrix; cell: number; onOpen: (cell: number) => void }) {
  const { row, suite } = matrix.rowOf(cell);
  const column = cell % matrix.columns.length;
  const { image, target } = matrix.columns[column]!;
  const siblings = matrix.rows.filter((one) => one.suite === suite).map((one) => matrix.cell(one.row, column));
  const elsewhere = matrix.columns.map((_, other) => matrix.cell(row, other)).filter((other) => other !== cell && matrix.there(other));
  return (
    <>
      <section aria-labelledby="claims">
        <h2 id="claims">
          {suite} on {image} × {target}
        </h2>
        <ol class="claims">
          {siblings.map((other) => (
            <Claim matrix={matrix} cell={other} here={other === cell} text={matrix.rowOf(other).test} onOpen={onOpen} />
          ))}
        </ol>
      </section>
      {elsewhere.length > 0 && (
        <section aria-labelledby="elsewhere">
          <h2 id="elsewhere">The same claim elsewhere</h2>
          <ol class="claims">
            {elsewhere.slice(0, 40).map((other) => (
              <Claim
                matrix={matrix}
                cell={other}
                here={false}
                text={`${matrix.columnOf(other).image} × ${matrix.columnOf(other).target}`}
                onOpen={onOpen}
              />
            ))}
          </ol>
        </section>
      )}
    </>
  );
}

interface ClaimProps {
  readonly matrix: Matrix;
  readonly cell: number;
  readonly here: boolean;
  readonly text: string;
  readonly onOpen: (cell: number) => void;
}

function Claim({ matrix, cell, here, text, onOpen }: ClaimProps) {
  const outcome = matrix.outcome(cell);
  if (!matrix.there(cell)) return null;
  const { symbol, label } = outcome === undefined ? { symbol: "?", label: "missing" } : wordOf(outcome);
  const verdict = matrix.verdict(cell);
  const judged = verdict && wordOfVerdict(verdict);
  return (
    <li>
      <button class="claim" aria-current={here ? "true" : undefined} onClick={() => onOpen(cell)}>
        <span class={`badge ${outcome ?? "absent"}${verdict === "known-issue" ? " waived" : ""}`}>
          <span aria-hidden="true">{symbol}</span>
          <span class="unseen">{label}: </span>
        </span>
        <span>
          {text}
          {outcome !== undefined && judged && judged.symbol !== "" && (
            <small>
              {" "}
              {judged.symbol} {judged.label}
            </small>
          )}
        </span>
      </button>
    </li>
  );
}
