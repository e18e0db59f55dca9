import { useEffect, useMemo, useState } from "preact/hooks";
import type { Edition } from "../site/site-data.ts";
import { wordOf } from "../outcome-words.ts";
import { breakable } from "./column-heads.tsx";
import { compared } from "./compared.ts";
import { plural } from "./format.ts";
import type { Matrix } from "./matrix.ts";
import { outcomeOfLetter } from "./matrix.ts";
import { jsonPiece } from "./pieces.ts";
import type { ChangeKind, Release } from "./releases.ts";
import { changes, releasesOf } from "./releases.ts";
import { Missing } from "./use-piece.tsx";
import type { Change } from "./use-view.ts";
import type { View } from "./view.ts";

const words: Readonly<Record<ChangeKind, { label: string; symbol: string; meaning: string }>> = {
  regressed: { label: "regressed", symbol: "↓", meaning: "passed before, fails now" },
  still: { label: "still failing", symbol: "=", meaning: "fails in both" },
  fixed: { label: "fixed", symbol: "↑", meaning: "failed before, passes now" },
  new: { label: "new", symbol: "+", meaning: "nothing was known before: not tried, not applicable, or the harness broke" },
  gone: { label: "no longer known", symbol: "−", meaning: "nothing is known now: not tried, not applicable, or the harness broke" },
  unknown: { label: "unknown", symbol: "?", meaning: "nothing is known of either: the harness broke or it did not run" },
  same: { label: "same", symbol: "·", meaning: "the same in both" },
};

interface Props {
  readonly matrix: Matrix;
  readonly view: View;
  readonly change: Change;
  readonly onOpen: (cell: number) => void;
}

/** Two releases side by side: what changed first, everything when asked. */
export function Compare({ matrix, view, change, onOpen }: Props) {
  const [found, setFound] = useState<readonly Release[] | undefined>();
  const [trouble, setTrouble] = useState("");
  useEffect(() => {
    Promise.all(matrix.images.map(async (image, number) => releasesOf(image, await jsonPiece<Edition[]>(`releases-${number}`)))).then(
      (lists) => setFound(lists.flat()),
      (error: Error) => setTrouble(error.message),
    );
  }, [matrix]);
  if (trouble) return <Missing what="The releases" why={trouble} />;
  if (!found) return <p class="note">Loading…</p>;
  const [a, b] = sides(found, view);
  const alone = !view.a && !view.b && a === undefined;
  return (
    <section aria-labelledby="compare">
      <h2 id="compare">Compare two releases</h2>
      <div class="sides">
        <Side name="Before" releases={found} value={a} onChoose={(name) => change({ a: name, b: b?.name ?? "" })} />
        <span aria-hidden="true">→</span>
        <Side name="After" releases={found} value={b} onChoose={(name) => change({ a: a?.name ?? "", b: name })} />
        {a && b && (
          <button class="button" onClick={() => change({ a: b.name, b: a.name })}>
            ⇄ swap
          </button>
        )}
      </div>
      {a && b ? (
        <Compared {...{ matrix, a, b, onOpen }} />
      ) : (
        <p class="nothing">{alone ? "There are no two releases of one image among these runs. " : ""}Choose the two sides.</p>
      )}
    </section>
  );
}

/** The chosen two; else the two newest versions that were tried in one target, of the image that was tested last and has two; else two builds. */
function sides(found: readonly Release[], view: View): [Release | undefined, Release | undefined] {
  const named = (name: string) => found.find((release) => release.name === name);
  const a = named(view.a);
  const b = named(view.b);
  if (a && b) return [a, b];
  const versions = [...found].filter((release) => release.name.split(" | ").length === 2).sort((x, y) => y.last - x.last);
  for (const kind of [versions, found.filter((release) => !versions.includes(release))]) {
    for (const newest of kind) {
      const older = kind.find(
        (release) =>
          release.image === newest.image &&
          release !== newest &&
          release.last <= newest.last &&
          [...release.editions.keys()].some((column) => newest.editions.has(column)),
      );
      if (older && !a && !b) return [older, newest];
    }
  }
  return [a, b];
}

interface SideProps {
  readonly name: string;
  readonly releases: readonly Release[];
  readonly value: Release | undefined;
  readonly onChoose: (name: string) => void;
}

function Side({ name, releases, value, onChoose }: SideProps) {
  return (
    <div class="field side">
      <span aria-hidden="true">{name}</span>
      <select aria-label={name} value={value?.name ?? ""} onChange={(event) => onChoose(event.currentTarget.value)}>
        {!value && <option value="">Choose…</option>}
        {[...Map.groupBy(releases, (release) => release.image)].map(([image, own]) => (
          <optgroup label={image}>
            {own.map((release) => (
              <option value={release.name}>{release.label}</option>
            ))}
          </optgroup>
        ))}
      </select>
    </div>
  );
}

function Compared({ matrix, a, b, onOpen }: { matrix: Matrix; a: Release; b: Release; onOpen: (cell: number) => void }) {
  const [all, setAll] = useState(false);
  const { rows, targets, counts, revised } = useMemo(() => compared(matrix, a, b), [matrix, a, b]);
  const shown = rows.filter(({ kinds }) => all || kinds.some((kind) => kind !== undefined && kind !== "same"));
  return (
    <>
      <p class="change-counts">
        {changes.map((kind) => (
          <span class={`change ${kind}`} data-change={kind} title={words[kind].meaning}>
            <span aria-hidden="true">{words[kind].symbol}</span> <b>{counts[kind]}</b> {words[kind].label}
          </span>
        ))}
      </p>
      {revised > 0 && (
        <p class="note">
          † {plural(revised, "cell")} ran another revision of the suite on each side: a difference there may be the suite's, not the
          image's.
        </p>
      )}
      <label class="check">
        <input type="checkbox" checked={all} onChange={(event) => setAll(event.currentTarget.checked)} /> show what is the same too
      </label>
      {shown.length === 0 ? (
        <p class="nothing">Nothing changed.</p>
      ) : (
        <div class="scroll">
          <table class="compared">
            <thead>
              <tr>
                <th scope="col">Claim</th>
                {targets.map(({ target }) => (
                  <th scope="col">{breakable(target)}</th>
                ))}
              </tr>
            </thead>
            {[...Map.groupBy(shown, ({ suite }) => suite)].map(([suite, own]) => (
              <tbody>
                <tr class="suite">
                  <th scope="rowgroup" colSpan={targets.length + 1}>
                    {suite}
                  </th>
                </tr>
                {own.map(({ row, test, pairs, kinds, other }) => (
                  <tr key={row}>
                    <th scope="row">{test}</th>
                    {pairs.map(([before, after], index) => (
                      <td>
                        {kinds[index] && (
                          <Pair
                            {...{ before, after }}
                            kind={kinds[index]}
                            other={other[index]!}
                            onOpen={
                              targets[index]!.after === undefined ? undefined : () => onOpen(matrix.cell(row, targets[index]!.after!))
                            }
                          />
                        )}
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            ))}
          </table>
        </div>
      )}
    </>
  );
}

interface PairProps {
  readonly before: string;
  readonly after: string;
  readonly kind: ChangeKind;
  readonly other: boolean;
  readonly onOpen: (() => void) | undefined;
}

function Pair({ before, after, kind, other, onOpen }: PairProps) {
  const sign = (letter: string) => {
    const outcome = outcomeOfLetter(letter);
    return outcome ? wordOf(outcome) : { symbol: " ", label: "nothing", outcome: "none" };
  };
  const [was, is] = [sign(before), sign(after)];
  return (
    <button
      class={`pair ${kind}`}
      disabled={onOpen === undefined}
      onClick={onOpen}
      title={`${was.label} before, ${is.label} now: ${words[kind].meaning}`}
    >
      <span class={`badge ${was.outcome}`} aria-hidden="true">
        {was.symbol}
      </span>
      <span aria-hidden="true">→</span>
      <span class={`badge ${is.outcome}`} aria-hidden="true">
        {is.symbol}
      </span>{" "}
      {kind !== "same" && <span class="word">{words[kind].label}</span>}
      {other && "†"}
      <span class="unseen">
        : {was.label} before, {is.label} now
      </span>
    </button>
  );
}
