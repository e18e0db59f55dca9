import type { SiteDecision, StoryVerdict } from "../site/site-data.ts";
import { wordOfVerdict } from "../verdict-words.ts";
import { plain } from "./format.ts";
import { WaiverFacts } from "./waiver.tsx";

/** What the gate makes of a cell, and the waiver that speaks of it. `said` stands elsewhere on the page. */
export function VerdictOfCell({ decision, judged, said }: { decision: SiteDecision; judged: StoryVerdict; said?: string | undefined }) {
  const { label, symbol, meaning } = wordOfVerdict(judged.verdict);
  // What the outcome says by itself is not said twice, nor what stands in the waiver below.
  if (symbol === "" && judged.waiver === undefined) return null;
  const waiver = judged.waiver === undefined ? undefined : decision.waivers[judged.waiver];
  return (
    <section aria-labelledby="verdict" class="verdict" data-verdict={judged.verdict}>
      <h2 id="verdict">
        The gate says:{" "}
        <span class="badge mark">
          {symbol && <span aria-hidden="true">{symbol} </span>}
          {label}
        </span>
      </h2>
      <p class="note">{meaning}.</p>
      {judged.why !== undefined && judged.why !== said && judged.verdict !== "known-issue" && <p class="reason">{plain(judged.why)}</p>}
      {waiver && (
        <>
          <h3>{judged.verdict === "known-issue" ? "Waived by" : "A waiver speaks of this cell, and does not excuse it"}</h3>
          <WaiverFacts waiver={waiver} day={decision.day} />
        </>
      )}
    </section>
  );
}
