import type { Outcome } from "../../model/record.ts";
import { standingOf } from "../certify/hardware.ts";
import { gateMarkdown } from "../markdown-gate.ts";
import { escape } from "../markdown-text.ts";
import type { MatrixDecision } from "../document.ts";
import { kindOfRecord } from "../kind-words.ts";
import { outcomeWords, wordOf } from "../outcome-words.ts";
import type { Newest, NewestCell } from "./newest.ts";

/** What a comment on a merge request has room for. */
const most = 20;

/**
 * The newest outcomes in a few lines of Markdown: for a merge request, where the whole matrix would bury what matters. With what the gate says, where it
 * was asked.
 */
export function summaryMarkdown({ cells, damage, provenance }: Newest, decision?: MatrixDecision): string {
  const broken = cells.filter(({ record }) => record.outcome === "fail" || record.outcome === "error" || record.outcome === "not-run");
  // Failures, then errors, then what did not run; of each kind what is new first.
  const sorted = broken.toSorted((a, b) => rank(a) - rank(b) || Number(passedBefore(b)) - Number(passedBefore(a)));
  const sections = [
    `### osbench: ${countsOf(cells)}`,
    decision ? gateMarkdown(decision, most) : "",
    damage.length > 0 ? `> [!WARNING]\n> ${damage.length} places of the records could not be read; they may hide outcomes.` : "",
    sorted.slice(0, most).map(lineOf).join("\n"),
    sorted.length > most ? `and ${sorted.length - most} more` : "",
    tableOf(cells),
    [standingOf(new Set(cells.map(({ record }) => kindOfRecord(record)))).notice, provenance && `osbench ${provenance.osbench.version}.`]
      .filter(Boolean)
      .join(" "),
  ];
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}

function countsOf(cells: readonly NewestCell[]): string {
  const count = (outcome: Outcome) => cells.filter(({ record }) => record.outcome === outcome).length;
  const parts = outcomeWords
    .filter(({ outcome }) => count(outcome) > 0)
    .map(({ outcome, emoji, label }) => `${emoji} ${count(outcome)} ${label}`);
  return parts.join(" · ") || "nothing was tested";
}

function rank({ record }: NewestCell): number {
  return outcomeWords.findIndex(({ outcome }) => outcome === record.outcome);
}

function passedBefore({ before }: NewestCell): boolean {
  return before.find((outcome) => outcome === "pass" || outcome === "fail") === "pass";
}

function lineOf(cell: NewestCell): string {
  const { image, target, suite, test, outcome, failure, reason } = cell.record;
  const why = (failure?.message ?? reason ?? "no message recorded").split("\n", 1)[0]!.slice(0, 300);
  const news = outcome === "fail" && passedBefore(cell) ? " **(it passed before)**" : "";
  const where = `${escape(image.name)} × ${escape(target.name)}`;
  return `- ${wordOf(outcome).emoji} **${escape(suite.name)} › ${escape(test)}** on ${where}${news}: ${escape(why)}`;
}

function tableOf(cells: readonly NewestCell[]): string {
  const groups = [...Map.groupBy(cells, ({ record }) => `${record.image.name}\n${record.target.name}`).values()];
  const rows = groups.slice(0, most).map((group) => {
    const { image, target } = group[0]!.record;
    return `| ${escape(image.name)} ${escape(image.version)} | ${escape(target.name)} | ${countsOf(group)} |`;
  });
  const rest = groups.length > most ? [`| and ${groups.length - most} more | | |`] : [];
  return cells.length === 0 ? "" : ["| image | target | |", "| :-- | :-- | :-- |", ...rows, ...rest].join("\n");
}
