import { useMemo } from "preact/hooks";
import { outcomeWords } from "../outcome-words.ts";
import { verdictWords } from "../verdict-words.ts";
import { marksPresent, markWords } from "./filters.tsx";
import { plain, plural, thousands } from "./format.ts";
import type { Matrix } from "./matrix.ts";
import { marks } from "./view.ts";

export function Legend({ matrix }: { matrix: Matrix }) {
  const present = marksPresent(matrix);
  const judged = matrix.index.decision?.counts;
  return (
    <dl class="legend">
      {outcomeWords.map(({ outcome, symbol, label, meaning }) => (
        <div>
          <dt class={`badge ${outcome}`}>
            <span aria-hidden="true">{symbol}</span> {label}
          </dt>
          <dd>{meaning}</dd>
        </div>
      ))}
      {verdictWords.map(({ verdict, symbol, label, meaning }) =>
        judged?.[verdict] !== undefined && symbol !== "" ? (
          <div>
            <dt class="badge mark">
              <span aria-hidden="true">{symbol}</span> {label}
            </dt>
            <dd>{meaning}</dd>
          </div>
        ) : null,
      )}
      {marks.map((mark) =>
        present[mark] ? (
          <div>
            <dt class="badge mark">
              <span aria-hidden="true">{markWords[mark].symbol}</span> {markWords[mark].label}
            </dt>
            <dd>{markWords[mark].meaning}</dd>
          </div>
        ) : null,
      )}
    </dl>
  );
}

const mostReasons = 200;

/** Every reason once: a matrix that says n/a must say why without a click. */
export function NotApplicable({ matrix, onOpen }: { matrix: Matrix; onOpen: (cell: number) => void }) {
  const reasons = useMemo(() => reasonsOf(matrix), [matrix]);
  if (reasons.length === 0) return null;
  return (
    <section aria-labelledby="not-applicable">
      <h2 id="not-applicable">Why not applicable</h2>
      <ul class="reasons">
        {reasons.slice(0, mostReasons).map(({ reason, cells }) => {
          const suites = [...new Set(cells.map((cell) => matrix.rowOf(cell).suite))].join(", ");
          const columns = [...new Set(cells.map((cell) => `${matrix.columnOf(cell).image} × ${matrix.columnOf(cell).target}`))];
          return (
            <li>
              <button class="link" onClick={() => onOpen(cells[0]!)}>
                {plain(reason)}
              </button>
              <small>
                {thousands(cells.length)} in {suites}, on {columns.slice(0, 3).join(", ")}
                {columns.length > 3 ? ` and ${columns.length - 3} more` : ""}
              </small>
            </li>
          );
        })}
      </ul>
      {reasons.length > mostReasons && <p class="note">and {plural(reasons.length - mostReasons, "more reason")}</p>}
    </section>
  );
}

function reasonsOf(matrix: Matrix) {
  const reasons = new Map<string, number[]>();
  const letters = /n/gi;
  for (let found = letters.exec(matrix.index.outcomes); found; found = letters.exec(matrix.index.outcomes)) {
    const reason = matrix.said(found.index) ?? "no reason recorded";
    const known = reasons.get(reason);
    if (known) known.push(found.index);
    else reasons.set(reason, [found.index]);
  }
  return [...reasons].map(([reason, cells]) => ({ reason, cells }));
}
