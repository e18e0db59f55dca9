import { firstLine, needsAttention } from "./attention.ts";
import type { CellName } from "./gate/seen.ts";
import { wordOf, outcomeWords } from "./outcome-words.ts";
import { verdictWords } from "./verdict-words.ts";
import type { MatrixCell, MatrixColumn, MatrixDocument } from "./document.ts";
import { gateMarkdown, verdictMark } from "./markdown-gate.ts";
import { code, escape } from "./markdown-text.ts";

const widest = 6;
const mostReasons = 50;

/** The matrix as Markdown for a Git forge: what needs a person first, then the grid (one for each image when it would be too wide), then where it comes from. */
export function renderMarkdown(matrix: MatrixDocument): string {
  const images = [...new Set(matrix.columns.map((column) => column.image))];
  const grids =
    matrix.columns.length <= widest
      ? [grid(matrix, matrix.columns, true)]
      : images.map(
          (image) =>
            `### ${escape(image)}\n\n${grid(
              matrix,
              matrix.columns.filter((column) => column.image === image),
              false,
            )}`,
        );
  const sections = [
    "# Compatibility matrix",
    summary(matrix),
    damage(matrix),
    matrix.decision ? `## Gate\n\n${gateMarkdown(matrix.decision, mostReasons)}` : "",
    attention(matrix),
    "## Results",
    ...grids,
    legend(matrix),
    notApplicable(matrix),
    runs(matrix),
  ];
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}

function summary({ counts, cells, outdated }: MatrixDocument): string {
  const parts = outcomeWords
    .filter(({ outcome }) => counts[outcome] > 0)
    .map(({ outcome, emoji, label }) => `${emoji} ${counts[outcome]} ${label}`);
  const old = outdated > 0 ? ` ↺ ${outdated} of them about an older image or suite.` : "";
  return cells.length === 0 ? "No cells: the runs hold no records and planned none." : `${cells.length} cells: ${parts.join(" · ")}.${old}`;
}

function damage({ problems }: MatrixDocument): string {
  if (problems.length === 0) return "";
  const lines = problems.map(({ at, what, kept }) => `- ${code(at)}: ${escape(what)}. Kept: ${escape(kept)}.`);
  return ["> [!WARNING]", "> Some of what was recorded could not be read.", "", ...lines].join("\n");
}

function attention({ cells }: MatrixDocument): string {
  // Somebody sees to what is waived.
  const groups = needsAttention(cells.filter(({ judged }) => judged?.verdict !== "known-issue"));
  if (groups.length === 0) return "";
  const lines = groups.flatMap((group) => {
    const { suite, test, outcome, failure } = group[0]!;
    const { emoji } = wordOf(outcome);
    const where = group
      .map(({ image, target, judged }) => `${escape(image)} × ${escape(target)}${verdictMark(judged?.verdict)}`)
      .join(", ");
    const at = failure?.at === undefined ? "" : ` (${code(failure.at)})`;
    const hint = failure?.hint === undefined ? "" : `<br>Try: ${escape(failure.hint)}`;
    return `- ${emoji} **${escape(suite)} › ${escape(test)}**<br>on ${where}<br>${escape(firstLine(group[0]!))}${at}${hint}`;
  });
  return ["## Failures and errors", "", ...lines].join("\n");
}

function grid(matrix: MatrixDocument, columns: readonly MatrixColumn[], named: boolean): string {
  const keyOf = ({ image, target, suite, test }: CellName) => [image, target, suite, test].join("\n");
  const cells = new Map(matrix.cells.map((cell) => [keyOf(cell), short(cell)]));
  for (const cell of matrix.decision?.absent ?? [])
    if (!cells.has(keyOf(cell))) cells.set(keyOf(cell), `**${verdictMark("missing").trim()}**`);
  const head = columns.map(({ image, version, target }) => {
    const about = [named ? image : undefined, version].filter((part) => part !== undefined).join(" ");
    return `${escape(about)}${about === "" ? "" : "<br>"}${escape(target)}`;
  });
  const lines = [`| test | ${head.join(" | ")} |`, `| :-- |${" :-- |".repeat(columns.length)}`];
  for (const { suite, tests } of matrix.suites) {
    const rows = tests.map((test) => ({
      test,
      row: columns.map(({ image, target }) => cells.get(keyOf({ image, target, suite, test }))),
    }));
    const filled = rows.filter(({ row }) => row.some((cell) => cell !== undefined));
    if (filled.length > 0) lines.push(`| **${escape(suite)}** |${" |".repeat(columns.length)}`);
    for (const { test, row } of filled) lines.push(`| ${escape(test)} | ${row.map((cell) => cell ?? "").join(" | ")} |`);
  }
  return lines.join("\n");
}

function short({ outcome, outdated, judged }: MatrixCell): string {
  const { emoji, label } = wordOf(outcome);
  const isLoud = (outcome === "fail" || outcome === "error") && judged?.verdict !== "known-issue";
  return `${emoji} ${isLoud ? `**${label}**` : label}${verdictMark(judged?.verdict)}${outdated.length > 0 ? " ↺" : ""}`;
}

function legend({ outdated, decision }: MatrixDocument): string {
  const old = outdated > 0 ? [`- ↺: the newest result there is, but of an older image or suite`] : [];
  const marks = verdictWords
    .filter(({ verdict, symbol }) => symbol !== "" && decision?.counts[verdict] !== undefined)
    .map(({ symbol, label, meaning }) => `- ${symbol} ${label}: ${meaning}`);
  return [
    ...outcomeWords.map(({ emoji, label, meaning }) => `- ${emoji} ${label}: ${meaning}`),
    ...marks,
    ...old,
    "- empty: never planned",
  ].join("\n");
}

function notApplicable({ cells }: MatrixDocument): string {
  const reasons = new Map<string, string[]>();
  for (const cell of cells.filter((each) => each.outcome === "not-applicable")) {
    const reason = cell.reason ?? "no reason recorded";
    reasons.set(reason, [...(reasons.get(reason) ?? []), `${cell.suite} › ${cell.test} on ${cell.image} × ${cell.target}`]);
  }
  if (reasons.size === 0) return "";
  const lines = [...reasons].map(
    ([reason, names]) =>
      `- ${escape(reason)}: ${names.length === 1 ? escape(names[0]!) : `${names.length} cells, e.g. ${escape(names[0]!)}`}`,
  );
  return ["## Why not applicable", "", ...lines].join("\n");
}

function runs(matrix: MatrixDocument): string {
  const lines = matrix.runs.map(({ run, records, planned, provenance }) => {
    if (!provenance) return `| ${escape(run)} | ${records} | unknown | unknown | unknown |`;
    const { started, osbench, host } = provenance;
    const count = planned === undefined || planned === 0 ? `${records}` : `${records} of ${planned}`;
    const version = `${osbench.version}${osbench.revision === undefined ? "" : ` ${code(osbench.revision.slice(0, 10))}`}`;
    return `| ${escape(run)} | ${count} | ${escape(started)} | ${version} | ${escape(`${host.os}, ${host.kernel}, ${host.cores} cores`)} |`;
  });
  return ["## Runs", "", "| run | records | started | osbench | host |", "| :-- | :-- | :-- | :-- | :-- |", ...lines].join("\n");
}
