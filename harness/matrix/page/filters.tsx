import type { MatrixDocument } from "../document.ts";
import { outcomeWords } from "../outcome-words.ts";
import type { Selection, View } from "./view.ts";

export function Filters({
  matrix,
  selection,
  view,
  change,
}: {
  matrix: MatrixDocument;
  selection: Selection;
  view: View;
  change: (part: Partial<View>) => void;
}) {
  const images = [...new Set(matrix.columns.map((column) => column.image))];
  const count = new Map<string, number>();
  for (const cell of selection.counted) count.set(cell.outcome, (count.get(cell.outcome) ?? 0) + 1);
  const outdated = selection.counted.filter((cell) => cell.outdated.length > 0).length;
  return (
    <section class="filters" aria-label="Filters">
      <div class="chips" role="group" aria-label="Outcomes">
        {outcomeWords.map(({ outcome, symbol, label, meaning }) => {
          const pressed = view.outcomes.includes(outcome);
          const next = pressed ? view.outcomes.filter((other) => other !== outcome) : [...view.outcomes, outcome];
          return (
            <button
              class={`chip ${outcome}`}
              aria-pressed={pressed}
              title={meaning}
              data-outcome={outcome}
              onClick={() => change({ outcomes: next })}
            >
              <span class="symbol" aria-hidden="true">
                {symbol}
              </span>
              <b>{count.get(outcome) ?? 0}</b> {label}
            </button>
          );
        })}
        {matrix.outdated > 0 && (
          <button class="chip old" aria-pressed={view.outdated} onClick={() => change({ outdated: !view.outdated })}>
            <span class="symbol" aria-hidden="true">
              ↺
            </span>
            <b>{outdated}</b> older
          </button>
        )}
      </div>
      <label class="field">
        <span class="unseen">Image</span>
        <select value={view.image} onChange={(event) => change({ image: event.currentTarget.value })}>
          <option value="">All images</option>
          {images.map((image) => (
            <option value={image}>{image}</option>
          ))}
        </select>
      </label>
      <label class="field search">
        <span class="unseen">Search</span>
        <input
          type="search"
          placeholder="Search tests, targets, messages"
          value={view.query}
          onInput={(event) => change({ query: event.currentTarget.value })}
        />
      </label>
    </section>
  );
}
