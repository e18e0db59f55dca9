import { useState } from "preact/hooks";
import type { Outcome } from "../../model/record.ts";
import type { SiteDecision } from "../site/site-data.ts";
import { wordOf } from "../outcome-words.ts";
import { gateWords, verdictWords } from "../verdict-words.ts";
import { plain, plural, thousands } from "./format.ts";
import type { Matrix } from "./matrix.ts";
import type { Change } from "./use-view.ts";
import { everything } from "./view.ts";
import { lapsed, WaiverFacts } from "./waiver.tsx";

const shownAtFirst = 50;
const weightWords = { image: "against the image", harness: "nothing can be said", note: "worth knowing" } as const;

/** What the gate says, in one line over the results. */
export function GateLine({ matrix, change }: { matrix: Matrix; change: Change }) {
  const { decision } = matrix.index;
  if (!decision) return null;
  const closing = decision.reasons.filter(({ weight }) => weight !== "note").length + decision.moreReasons;
  return (
    <p class={`gate-line exit-${decision.exitCode}`}>
      <b>
        <span aria-hidden="true">{decision.exitCode === 0 ? "✓" : decision.exitCode === 1 ? "✗" : "!"}</span> Gate{" "}
        {gateWords[decision.exitCode]}
      </b>{" "}
      <span>{askedWith(decision)}</span>{" "}
      <button class="link" onClick={() => change({ page: "gate" }, "new")}>
        {closing > 0 ? plural(closing, "reason") : "What was decided"}
        {decision.waivers.length > 0 && `, ${plural(decision.waivers.length, "waiver")}`}
      </button>
    </p>
  );
}

function askedWith({ policy, baseline, day }: SiteDecision): string {
  const against = baseline ? `compared with ${baseline.join(", ")}` : "without a baseline";
  return `${policy === "none" ? "no policy" : `policy ${policy}`}, ${against}, decided on ${day}`;
}

/** Why the gate is open or closed, and what every waiver does. */
export function Gate({ matrix, change, onOpen }: { matrix: Matrix; change: Change; onOpen: (cell: number) => void }) {
  const { decision } = matrix.index;
  const [all, setAll] = useState(false);
  if (!decision) return <p class="nothing">This page was made without a policy and without a baseline: nobody asked the gate.</p>;
  const reasons = all ? decision.reasons : decision.reasons.slice(0, shownAtFirst);
  const gone = decision.waivers.filter(lapsed).length;
  return (
    <section aria-labelledby="gate" class="gate">
      <h2 id="gate">The gate is {gateWords[decision.exitCode]}</h2>
      <p class="note">
        {askedWith(decision)}. <code>osbench gate</code> says the same, with exit code {decision.exitCode}.
      </p>
      {gone > 0 && (
        <p class="missing" role="alert">
          <b>! {plural(gone, "waiver has", "waivers have")} expired since this page was made:</b> the gate may decide otherwise today.
        </p>
      )}
      <ul class="verdict-counts">
        {verdictWords.map(({ verdict, symbol, label, meaning }) =>
          decision.counts[verdict] === undefined ? null : (
            <li>
              <button class="chip mark" title={meaning} onClick={() => change({ ...everything, verdicts: [verdict] }, "new")}>
                <span class="symbol" aria-hidden="true">
                  {symbol || wordOf(verdict as Outcome).symbol}
                </span>
                <b>{thousands(decision.counts[verdict])}</b> {label}
              </button>
            </li>
          ),
        )}
      </ul>
      <h2>Reasons</h2>
      {reasons.length === 0 && <p class="note">None: every cell that applies passes.</p>}
      <ol class="gate-reasons">
        {reasons.map(({ weight, text, cell }) => (
          <li>
            <span class={`badge ${weight === "image" ? "fail" : weight === "harness" ? "error" : "mark"}`}>{weightWords[weight]}</span>
            {cell === undefined ? (
              <span>{plain(text)}</span>
            ) : (
              <button class="link" onClick={() => onOpen(cell)}>
                {plain(text)}
              </button>
            )}
          </li>
        ))}
      </ol>
      {!all && decision.reasons.length > shownAtFirst && (
        <button class="link" onClick={() => setAll(true)}>
          Show {plural(decision.reasons.length - shownAtFirst, "more", "more")}
        </button>
      )}
      {(all || decision.reasons.length <= shownAtFirst) && decision.moreReasons > 0 && (
        <p class="note">
          {plural(decision.moreReasons, "more reason")}: <code>osbench gate --json</code> lists all, the verdicts above filter the grid.
        </p>
      )}
      <h2 id="waivers">Waivers</h2>
      {decision.waivers.length === 0 && <p class="note">The policy waives nothing.</p>}
      {decision.waivers.map((waiver) => (
        <WaiverFacts waiver={waiver} day={decision.day} />
      ))}
    </section>
  );
}
