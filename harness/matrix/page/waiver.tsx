import type { SiteDecision, SiteWaiver } from "../site/site-data.ts";
import { plain, plural } from "./format.ts";
import { Fact } from "./fact.tsx";

const states = {
  "in-use": { symbol: "⊘", words: "in use", kind: "mark" },
  expired: { symbol: "!", words: "expired", kind: "error" },
  unused: { symbol: "○", words: "unused: no cell is what it speaks of", kind: "not-run" },
  "not-needed": { symbol: "⇡", words: "not needed: nothing it speaks of wants excusing", kind: "not-run" },
} as const;

/** One waiver: what became of it, what it excuses and where, why, who sees to it, and until when. */
export function WaiverFacts({ waiver, day }: { waiver: SiteWaiver; day: SiteDecision["day"] }) {
  const { state, cells, excuses, reason, owner, tracker, expires, at, met, excused } = waiver;
  const { symbol, words, kind } = states[state];
  return (
    <div class="waiver" data-state={state}>
      <p>
        <span class={`badge ${kind}`}>
          <span aria-hidden="true">{symbol}</span> {words}
        </span>
        {state !== "expired" && lapsed(waiver) && (
          <span class="badge error">
            <span aria-hidden="true">!</span> expired since this page was made
          </span>
        )}{" "}
        <b>{plain(reason)}</b>
      </p>
      <dl class="facts">
        <Fact name="Scope">
          {(["image", "target", "suite", "test"] as const).map((key) => (
            <span class="scope">
              {key} {cells[key].length === 1 && cells[key][0] === "*" ? "any" : <code>{cells[key].map(plain).join(", ")}</code>}
            </span>
          ))}
        </Fact>
        <Fact name="Excuses">{excuses.join(", ")}</Fact>
        <Fact name="Owner">{plain(owner)}</Fact>
        <Fact name="Tracker">{/^https?:\/\//.test(tracker) ? <a href={tracker}>{tracker}</a> : plain(tracker)}</Fact>
        <Fact name="Expiry">{expiryWords(expires, day)}</Fact>
        <Fact name="Cells">
          {plural(excused, "cell")} excused, of {met} it speaks of
        </Fact>
        <Fact name="Stands in">
          <code>{at}</code>
        </Fact>
      </dl>
    </div>
  );
}

/** A page stays as it was made; a waiver does not. */
export function lapsed({ state, expires }: SiteWaiver): boolean {
  return state !== "expired" && new Date().toISOString().slice(0, 10) > expires;
}

function expiryWords(expires: string, day: string): string {
  const days = Math.round((Date.parse(expires) - Date.parse(day)) / 86_400_000);
  if (days < 0) return `${expires}, ${plural(-days, "day")} before this was decided`;
  return `holds until the end of ${expires} (UTC)${days === 0 ? ", its last day" : `, ${plural(days, "more day")} when this was decided`}`;
}
