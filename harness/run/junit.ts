import type { CellRecord } from "../model/record.ts";
import { durationWords } from "./view/words.ts";

/**
 * The records as JUnit XML, as CI systems read it: a testsuite for each suite on each image x target, a testcase for each cell. Written from the
 * records, since the test runner's own report shows a cell whose worker died as passed.
 */
export function junitOf(run: string, records: readonly CellRecord[]): string {
  const groups = [...Map.groupBy(records, ({ image, target, suite }) => `${suite.name} (${image.name} × ${target.name})`)];
  const body = groups.map(([name, cells]) => [
    `  <testsuite name="${text(name)}" timestamp="${cells[0]?.started}" ${totals(cells)}>`,
    ...cells.map((cell) => testcase(cell, name)),
    "  </testsuite>",
  ]);
  return [
    `<?xml version="1.0" encoding="UTF-8"?>`,
    `<testsuites name="${text(`osbench ${run}`)}" ${totals(records)}>`,
    ...body.flat(),
    "</testsuites>",
    "",
  ].join("\n");
}

function totals(records: readonly CellRecord[]): string {
  const count = (...outcomes: string[]) => records.filter(({ outcome }) => outcomes.includes(outcome)).length;
  const seconds = records.reduce((sum, { durationMs }) => sum + durationMs, 0) / 1000;
  // A planned cell that did not run must not look harmless: it is an error, not a skip.
  return `tests="${records.length}" failures="${count("fail")}" errors="${count("error", "not-run")}" skipped="${count("not-applicable")}" time="${seconds}"`;
}

function testcase(record: CellRecord, suite: string): string {
  const { test, durationMs, suite: source, evidence } = record;
  const attachments = evidence.map(({ path }) => `[[ATTACHMENT|${path}]]`).join("\n");
  const inside = [verdict(record), attachments && `      <system-out>${text(attachments)}</system-out>`].filter(Boolean);
  const attributes = `classname="${text(suite)}" name="${text(test)}" file="${text(source.file)}" time="${durationMs / 1000}"`;
  return inside.length === 0 ? `    <testcase ${attributes}/>` : [`    <testcase ${attributes}>`, ...inside, "    </testcase>"].join("\n");
}

function verdict({ outcome, reason, failure, durationMs }: CellRecord): string {
  if (outcome === "pass") return "";
  const message = failure?.message ?? reason ?? outcome;
  const details = Object.entries(failure?.details ?? {}).map(([title, value]) => `${title}:\n${value}`);
  const body = [failure?.at, message, ...details, failure?.hint, `after ${durationWords(durationMs)}`]
    .filter((part) => part !== undefined)
    .join("\n");
  const tag = { fail: "failure", error: "error", "not-run": "error", "not-applicable": "skipped" }[outcome];
  const type = outcome === "not-applicable" ? "" : ` type="${text(failure?.code ?? outcome)}"`;
  return `      <${tag} message="${text(message.split("\n")[0] ?? "")}"${type}>${text(body)}</${tag}>`;
}

/** XML 1.0 has no place at all for most control characters, which consoles are full of. */
function text(value: string): string {
  return value
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
