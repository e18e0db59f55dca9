import { outcomeWords } from "../outcome-words.ts";
import { verdictWords } from "../verdict-words.ts";
import { thousands } from "./format.ts";
import type { Matrix } from "./matrix.ts";
import type { Selection } from "./select.ts";
import type { Change } from "./use-view.ts";
import { marks, type Mark, type View } from "./view.ts";

export const markWords: Record<Mark, { symbol: string; label: string; meaning: string }> = {
  regressed: { symbol: "↓", label: "passed before", meaning: "fails now, and passed when last something was known" },
  flaky: { symbol: "~", label: "flaky", meaning: "passed and failed with the same build of the image and the same suite" },
  older: { symbol: "↺", label: "older", meaning: "the newest result there is, but of an older image or suite" },
  certified: {
    symbol: "§",
    label: "certified",
    meaning: "signed by the key given, and still what was signed; says itself on what kind of machine",
  },
  uncertain: { symbol: "§!", label: "not certified", meaning: "a certificate lies beside it that does not hold, or that nobody checked" },
};

interface Props {
  readonly matrix: Matrix;
  readonly selection: Selection;
  readonly view: View;
  readonly change: Change;
}

export function Filters({ matrix, selection, view, change }: Props) {
  const present = marksPresent(matrix);
  const judged = matrix.index.decision?.counts;
  const toggled = <T,>(list: readonly T[], one: T) => (list.includes(one) ? list.filter((other) => other !== one) : [...list, one]);
  return (
    <section class="filters" aria-label="Filters">
      <div class="chips" role="group" aria-label="Outcomes">
        {outcomeWords.map(({ outcome, symbol, label, meaning }) => (
          <button
            class={`chip ${outcome}`}
            aria-pressed={view.outcomes.includes(outcome)}
            title={meaning}
            data-outcome={outcome}
            onClick={() => change({ outcomes: toggled(view.outcomes, outcome) })}
          >
            <span class="symbol" aria-hidden="true">
              {symbol}
            </span>
            <b>{thousands(selection.counts[outcome])}</b> {label}
          </button>
        ))}
        {marks.map((mark) =>
          present[mark] ? (
            <button
              class="chip mark"
              aria-pressed={view.marks.includes(mark)}
              title={markWords[mark].meaning}
              data-mark={mark}
              onClick={() => change({ marks: toggled(view.marks, mark) })}
            >
              <span class="symbol" aria-hidden="true">
                {markWords[mark].symbol}
              </span>
              <b>{thousands(selection.counts[mark])}</b> {markWords[mark].label}
            </button>
          ) : null,
        )}
      </div>
      {judged && (
        <div class="chips verdicts" role="group" aria-label="Verdicts of the gate">
          {verdictWords.map(({ verdict, symbol, label, meaning }) =>
            judged[verdict] !== undefined && symbol !== "" ? (
              <button
                class="chip mark"
                aria-pressed={view.verdicts.includes(verdict)}
                title={meaning}
                data-verdict={verdict}
                onClick={() => change({ verdicts: toggled(view.verdicts, verdict) })}
              >
                <span class="symbol" aria-hidden="true">
                  {symbol}
                </span>
                <b>{thousands(selection.verdicts[verdict])}</b> {label}
              </button>
            ) : null,
          )}
        </div>
      )}
      <Choice name="Image" all="All images" values={matrix.images} value={view.image} onChoose={(image) => change({ image })} />
      <Choice name="Target" all="All targets" values={matrix.targets} value={view.target} onChoose={(target) => change({ target })} />
      <label class="field search">
        <span class="unseen">Search</span>
        <input
          type="search"
          placeholder="Search tests, images, messages   ( / )"
          value={view.query}
          onInput={(event) => change({ query: event.currentTarget.value })}
        />
      </label>
      <p class="unseen" role="status">
        {thousands(selection.found)} cells match
      </p>
    </section>
  );
}

/** Which marks any cell of the matrix has. */
export function marksPresent(matrix: Matrix): Readonly<Record<Mark, boolean>> {
  const { outdated, certified, certificates } = matrix.index;
  const under = certified === "" ? [] : certificates;
  return {
    regressed: matrix.regressed.size > 0,
    flaky: matrix.flaky.size > 0,
    older: outdated > 0,
    certified: under.some(({ state }) => state === "holds"),
    uncertain: under.some(({ state }) => state !== "holds"),
  };
}

interface ChoiceProps {
  readonly name: string;
  readonly all: string;
  readonly values: readonly string[];
  readonly value: string;
  readonly onChoose: (value: string) => void;
}

/** One of several; nothing where there is nothing to choose. */
export function Choice({ name, all, values, value, onChoose }: ChoiceProps) {
  if (values.length < 2) return null;
  return (
    <div class="field">
      <select aria-label={name} value={value} onChange={(event) => onChoose(event.currentTarget.value)}>
        <option value="">{all}</option>
        {values.map((one) => (
          <option value={one}>{one}</option>
        ))}
      </select>
    </div>
  );
}
