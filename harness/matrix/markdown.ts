import { firstLine, needsAttention } from "./attention.ts";
import { wordOf, outcomeWords } from "./outcome-words.ts";
import type { MatrixCell, MatrixColumn, MatrixDocument } from "./document.ts";

const widest = 6;

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
  const groups = needsAttention(cells);
  if (groups.length === 0) return "";
  const lines = groups.flatMap((group) => {
    const { suite, test, outcome, failure } = group[0]!;
    const { emoji } = wordOf(outcome);
    const where = group.map((cell) => `${escape(cell.image)} × ${escape(cell.target)}`).join(", ");
    const at = failure?.at === undefined ? "" : ` (${code(failure.at)})`;
    const hint = failure?.hint === undefined ? "" : `<br>Try: ${escape(failure.hint)}`;
    return `- ${emoji} **${escape(suite)} › ${escape(test)}**<br>on ${where}<br>${escape(firstLine(group[0]!))}${at}${hint}`;
  });
  return ["## Failures and errors", "", ...lines].join("\n");
}

function grid(matrix: MatrixDocument, columns: readonly MatrixColumn[], named: boolean): string {
  const cells = new Map(matrix.cells.map((cell) => [[cell.image, cell.target, cell.suite, cell.test].join("\n"), cell]));
  const head = columns.map(({ image, version, target }) => {
    const about = [named ? image : undefined, version].filter((part) => part !== undefined).join(" ");
    return `${escape(about)}${about === "" ? "" : "<br>"}${escape(target)}`;
  });
  const lines = [`| test | ${head.join(" | ")} |`, `| :-- |${" :-- |".repeat(columns.length)}`];
  for (const { suite, tests } of matrix.suites) {
    const rows = tests.map((test) => ({
      test,
      row: columns.map((column) => cells.get([column.image, column.target, suite, test].join("\n"))),
    }));
    const filled = rows.filter(({ row }) => row.some((cell) => cell !== undefined));
    if (filled.length > 0) lines.push(`| **${escape(suite)}** |${" |".repeat(columns.length)}`);
    for (const { test, row } of filled) lines.push(`| ${escape(test)} | ${row.map(short).join(" | ")} |`);
  }
  return lines.join("\n");
}

function short(cell: MatrixCell | undefined): string {
  if (cell === undefined) return "";
  const { emoji, label, outcome } = wordOf(cell.outcome);
  return `${emoji} ${outcome === "fail" || outcome === "error" ? `**${label}**` : label}${cell.outdated.length > 0 ? " ↺" : ""}`;
}

function legend({ outdated }: MatrixDocument): string {
  const old = outdated > 0 ? [`- ↺: the newest result there is, but of an older image or suite`] : [];
  return [...outcomeWords.map(({ emoji, label, meaning }) => `- ${emoji} ${label}: ${meaning}`), ...old, "- empty: never planned"].join(
    "\n",
  );
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

/** Makes text inert: what a guest printed must not become markup. */
export function escape(text: string): string {
  return text
    .replace(/\s+/g, " ")
    .replace(/[\\`*_[\]|~#!]/g, "\\$&")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll("@", "&#64;");
}

function code(text: string): string {
  return `\`${text.replace(/[`|\s]+/g, " ")}\``;
}
