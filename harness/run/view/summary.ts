import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { outcomes, type CellRecord } from "../../model/record.ts";
import { countOutcomes } from "../outcome.ts";
import type { Timing } from "../schedule/workload.ts";
import { durationWords, near, outcomeWords, type Paint } from "./words.ts";

export interface Summary {
  readonly folder: string;
  readonly records: readonly CellRecord[];
  readonly problems: readonly string[];
  readonly durationMs: number;
  readonly timing: Timing;
  /** Path of the published page; undefined if it could not be published. */
  readonly matrix: string | undefined;
}

/** The end of a run for a person: a table for each suite, what failed and why, where to look. */
export function summaryOf({ folder, records, problems, durationMs, timing, matrix }: Summary, paint: Paint): string {
  const groups = [
    ...Map.groupBy(records, ({ suite, image, target }) => `${suite.name}  ${paint("dim", `${image.name} × ${target.name}`)}`),
  ];
  const tables = groups.flatMap(([title, cells]) => [paint("bold", title), ...table(cells, paint), ""]);
  const bad = records.filter(({ outcome }) => outcome === "fail" || outcome === "error");
  const counts = countOutcomes(records);
  const words = outcomes.filter((outcome) => counts[outcome]).map((outcome) => `${counts[outcome]} ${outcome}`);
  return [
    "",
    ...tables,
    ...bad.flatMap((record) => [...failureLines(record, folder, paint), ""]),
    ...problems.flatMap((problem) => [`${paint("magenta", "! outside of any test:")} ${problem}`, ""]),
    `${paint("bold", words.join(", ") || "nothing ran")} in ${durationWords(durationMs)}${timingWords(timing)}`,
    `records  ${near(join(folder, "records.jsonl"))}`,
    ...(matrix === undefined ? [] : [`matrix   ${near(matrix)}`]),
    "",
  ].join("\n");
}

/** How far that is from the best any order could do, where several machines ran at once. */
function timingWords({ machines, lowerBoundSeconds, ratio }: Timing): string {
  if (machines === 1 || ratio === undefined) return "";
  return `, ${machines} machines at a time (at best ${durationWords(lowerBoundSeconds * 1000)}: ×${ratio.toFixed(2)})`;
}

function table(records: readonly CellRecord[], paint: Paint): string[] {
  const width = Math.min(90, Math.max(...records.map(({ test }) => test.length)));
  return records.flatMap(({ outcome, test, durationMs, reason }) => {
    const time = outcome === "not-run" ? "" : durationWords(durationMs);
    const row = `  ${outcomeWords(outcome, paint)}${" ".repeat(16 - outcome.length)}${test.padEnd(width)}  ${paint("dim", time)}`.trimEnd();
    return reason === undefined ? [row] : [row, paint("dim", `${" ".repeat(20)}${reason}`)];
  });
}

function failureLines({ outcome, image, target, suite, test, failure, evidence }: CellRecord, folder: string, paint: Paint): string[] {
  const details = Object.entries(failure?.details ?? {}).filter(([, text]) => text.trim() !== "");
  return [
    `${outcomeWords(outcome, paint)}  ${paint("bold", `${suite.name} › ${test}`)}  ${image.name} × ${target.name}`,
    ...(failure?.at === undefined ? [] : [paint("cyan", `  ${failure.at}`), ...frameOf(failure.at).map((line) => paint("dim", line))]),
    indent(failure?.message ?? "no reason was left", 2),
    ...details.flatMap(([title, text]) =>
      text.includes("\n") ? [paint("dim", `  ${title}:`), indent(lastLines(text, 15), 4)] : [`  ${title}: ${text}`],
    ),
    ...(failure?.hint === undefined ? [] : [`  ${paint("yellow", failure.hint)}`]),
    ...evidenceFolders(evidence.map(({ path }) => join(folder, path))).map((path) => paint("dim", `  evidence: ${near(path)}`)),
  ];
}

/** The line of a suite that a failure stands on, underlined; nothing if the file has changed since. */
function frameOf(at: string): string[] {
  const [, file = "", line, column] = /^(.*?):(\d+)(?::(\d+))?$/.exec(at) ?? [];
  const source = existsSync(file) ? readFileSync(file, "utf8").split("\n")[Number(line) - 1] : undefined;
  if (source === undefined) return [];
  const gutter = `  ${line} | `;
  return [`${gutter}${source}`, ...(column === undefined ? [] : [`${" ".repeat(gutter.length + Number(column) - 1)}^`])];
}

/** The folder that holds all of a cell's evidence. */
function evidenceFolders(paths: readonly string[]): string[] {
  const folders = paths.map((path) => /^(.*\/evidence\/[^/]+)\//.exec(path)?.[1] ?? path);
  return [...new Set(folders)];
}

function lastLines(text: string, count: number): string {
  const lines = text.trimEnd().split("\n");
  return lines.length <= count ? lines.join("\n") : [`… ${lines.length - count} lines above`, ...lines.slice(-count)].join("\n");
}

function indent(text: string, by: number): string {
  return text.replace(/^/gm, " ".repeat(by));
}
