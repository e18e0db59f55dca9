import type { MatrixDecision } from "./document.ts";
import type { Verdict, Weight } from "./gate/verdicts.ts";
import { code, escape } from "./markdown-text.ts";
import { gateWords, verdictWords, wordOfVerdict } from "./verdict-words.ts";

const emojis: Readonly<Record<Weight, string>> = { image: "❌", harness: "⚠️", note: "ℹ️" };

/** What the gate says, as Markdown without a heading: its answer, counts, the first `most` reasons, and what became of every waiver. */
export function gateMarkdown(
  { policy, baseline, day, exitCode, counts, reasons, moreReasons, waivers }: MatrixDecision,
  most: number,
): string {
  const against = baseline ? `compared with ${baseline.map(code).join(", ")}` : "without a baseline";
  const rules = policy === "none" ? "no policy" : `policy ${escape(policy)}`;
  const said = verdictWords.flatMap(({ verdict, symbol, label }) => {
    const count = counts[verdict];
    return count === undefined ? [] : [`${symbol}${symbol && " "}${count} ${label}`];
  });
  const more = reasons.length - most + moreReasons;
  return [
    `${exitCode === 0 ? "✅" : emojis[exitCode === 1 ? "image" : "harness"]} **Gate ${gateWords[exitCode]}** (${rules}, ${against}, decided on ${day}): ${said.join(" · ") || "no cells"}.`,
    [
      ...reasons.slice(0, most).map(({ weight, text }) => `- ${emojis[weight]} ${escape(text)}`),
      ...(more > 0 ? [`- and ${more} more: \`osbench gate\` lists all`] : []),
    ].join("\n"),
    waiverTable(waivers),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

function waiverTable(waivers: MatrixDecision["waivers"]): string {
  if (waivers.length === 0) return "";
  const lines = waivers.map(({ reason, owner, tracker, expires, at, state, met, excused }) => {
    const became =
      state === "in-use" ? `excuses ${excused} of ${met}` : state === "not-needed" ? `not needed by any of ${met}` : `**${state}**`;
    return `| ${escape(reason)} | ${escape(owner)} | ${escape(tracker)} | ${expires} | ${became} | ${code(at)} |`;
  });
  return ["| waiver | owner | tracker | until | what became of it | |", "| :-- | :-- | :-- | :-- | :-- | :-- |", ...lines].join("\n");
}

/** What stands beside an outcome, with a space before it; empty where the outcome says it all. */
export function verdictMark(verdict: Verdict | undefined): string {
  const word = verdict && wordOfVerdict(verdict);
  return word?.symbol ? ` ${word.symbol} ${word.label}` : "";
}
