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
        {outcomeWords.map(({ outcome, ...words }) => (
          <Chip
            {...words}
            kind={outcome}
            data={{ "data-outcome": outcome }}
            count={selection.counts[outcome]}
            pressed={view.outcomes.includes(outcome)}
            onPress={() => change({ outcomes: toggled(view.outcomes, outcome) })}
          />
        ))}
        {marks
          .filter((mark) => present[mark])
          .map((mark) => (
            <Chip
              {...markWords[mark]}
              kind="mark"
              data={{ "data-mark": mark }}
              count={selection.counts[mark]}
              pressed={view.marks.includes(mark)}
              onPress={() => change({ marks: toggled(view.marks, mark) })}
            />
          ))}
      </div>
      {judged && (
        <div class="chips verdicts" role="group" aria-label="Verdicts of the gate">
          {verdictWords
            .filter(({ verdict, symbol }) => judged[verdict] !== undefined && symbol !== "")
            .map(({ verdict, ...words }) => (
              <Chip
                {...words}
                kind="mark"
                data={{ "data-verdict": verdict }}
                count={selection.verdicts[verdict]}
                pressed={view.verdicts.includes(verdict)}
                onPress={() => change({ verdicts: toggled(view.verdicts, verdict) })}
              />
            ))}
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

interface ChipProps {
  readonly symbol: string;
  readonly label: string;
  readonly meaning: string;
  /** What it looks like: an outcome, or `mark`. */
  readonly kind: string;
  /** What it is told by from outside of the page. */
  readonly data: Readonly<Record<`data-${string}`, string>>;
  readonly count: number;
  readonly pressed: boolean;
  readonly onPress: () => void;
}

/** Shows how many cells have something, and chooses those. */
function Chip({ symbol, label, meaning, kind, data, count, pressed, onPress }: ChipProps) {
  return (
    <button class={`chip ${kind}`} aria-pressed={pressed} title={meaning} {...data} onClick={onPress}>
      <span class="symbol" aria-hidden="true">
        {symbol}
      </span>
      <b>{thousands(count)}</b> {label}
    </button>
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
