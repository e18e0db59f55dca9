import type { MatrixCell } from "../document.ts";
import { outcomeWords } from "../outcome-words.ts";
import { keyOf } from "./view.ts";

export function Legend({ outdated }: { outdated: boolean }) {
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
      {outdated && (
        <div>
          <dt class="badge old">↺ older</dt>
          <dd>the newest result there is, but of an older image or suite</dd>
        </div>
      )}
    </dl>
  );
}

/** Every reason once: a matrix that says n/a must say why without a click. */
export function NotApplicable({ cells, onOpen }: { cells: readonly MatrixCell[]; onOpen: (key: string) => void }) {
  const reasons = Map.groupBy(
    cells.filter((cell) => cell.outcome === "not-applicable"),
    (cell) => cell.reason ?? "no reason recorded",
  );
  if (reasons.size === 0) return null;
  return (
    <section aria-labelledby="not-applicable">
      <h2 id="not-applicable">Why not applicable</h2>
      <ul class="reasons">
        {[...reasons].map(([reason, own]) => {
          const suites = [...new Set(own.map((cell) => cell.suite))].join(", ");
          const columns = [...new Set(own.map((cell) => `${cell.image} × ${cell.target}`))];
          return (
            <li>
              <button class="link" onClick={() => onOpen(keyOf(own[0]!))}>
                {reason}
              </button>
              <small>
                {own.length} in {suites}, on {columns.slice(0, 3).join(", ")}
                {columns.length > 3 ? ` and ${columns.length - 3} more` : ""}
              </small>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
