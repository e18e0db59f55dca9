import { useMemo, useState } from "preact/hooks";
import type { Outcome } from "../../model/record.ts";
import { groupsThatNeedAttention } from "../attention.ts";
import { wordOf } from "../outcome-words.ts";
import { wordOfVerdict } from "../verdict-words.ts";
import { plain, plural } from "./format.ts";
import type { Matrix } from "./matrix.ts";

const shownAtFirst = 5;
const columnsAtFirst = 8;
/** Beyond this a list helps nobody: the filters do. */
const mostGroups = 500;

export function Attention({ matrix, onOpen }: { matrix: Matrix; onOpen: (cell: number) => void }) {
  const [all, setAll] = useState(false);
  const groups = useMemo(() => groupsOf(matrix), [matrix]);
  if (groups.length === 0) return null;
  const shown = groups.slice(0, all ? mostGroups : shownAtFirst);
  return (
    <section aria-labelledby="attention">
      <h2 id="attention">Needs attention</h2>
      <ul class="attention">
        {shown.map(({ cells, outcome, message }) => {
          const { symbol, label } = wordOf(outcome);
          const { suite, test } = matrix.rowOf(cells[0]!);
          return (
            <li key={cells[0]}>
              <span class={`badge ${outcome}`}>
                <span aria-hidden="true">{symbol}</span> {label}
              </span>
              <div>
                <p class="name">
                  {suite} › {test}
                </p>
                <p class="message">{plain(message)}</p>
                <p class="where">
                  {cells.slice(0, columnsAtFirst).map((cell) => (
                    <button class="link" onClick={() => onOpen(cell)}>
                      {matrix.columnOf(cell).image} × {matrix.columnOf(cell).target}
                      <VerdictMark matrix={matrix} cell={cell} />
                      {matrix.regressed.has(cell) && <small> ↓ passed before</small>}
                      {matrix.flaky.has(cell) && <small> ~ flaky</small>}
                    </button>
                  ))}
                  {cells.length > columnsAtFirst && <small>and {plural(cells.length - columnsAtFirst, "more column")}</small>}
                </p>
              </div>
            </li>
          );
        })}
      </ul>
      {groups.length > shown.length && !all && (
        <button class="link" onClick={() => setAll(true)}>
          Show {plural(Math.min(groups.length, mostGroups) - shown.length, "more", "more")}
        </button>
      )}
      {groups.length > shown.length && all && (
        <p class="note">{plural(groups.length - shown.length, "more", "more")}: choose fail or error below to see them in the grid.</p>
      )}
    </section>
  );
}

function VerdictMark({ matrix, cell }: { matrix: Matrix; cell: number }) {
  const verdict = matrix.verdict(cell);
  const word = verdict && wordOfVerdict(verdict);
  if (!word?.symbol) return null;
  return (
    <small>
      {" "}
      {word.symbol} {word.label}
    </small>
  );
}

/** What passed before comes first: that is news. What is waived comes last: somebody sees to it. */
function groupsOf(matrix: Matrix) {
  const broken = [];
  const letters = /[fe]/gi;
  for (let found = letters.exec(matrix.index.outcomes); found; found = letters.exec(matrix.index.outcomes)) {
    const cell = found.index;
    broken.push({ cell, outcome: matrix.outcome(cell)!, ...matrix.rowOf(cell), message: matrix.said(cell) ?? "no message recorded" });
  }
  const groups = groupsThatNeedAttention(broken, ({ message }) => message).map((group) => ({
    cells: group.map(({ cell }) => cell),
    outcome: group[0]!.outcome,
    message: group[0]!.message,
  }));
  const late = ({ outcome, cells }: { outcome: Outcome; cells: number[] }) =>
    (cells.every((cell) => matrix.verdict(cell) === "known-issue") ? 4 : outcome === "fail" ? 0 : 2) +
    (cells.some((cell) => matrix.regressed.has(cell) || matrix.verdict(cell) === "regressed") ? 0 : 1);
  return groups.sort((a, b) => late(a) - late(b));
}
