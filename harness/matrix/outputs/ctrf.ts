import { createHash } from "node:crypto";
import { extname } from "node:path";
import type { CellRecord, Outcome } from "../../model/record.ts";
import { kindOfTarget, kindWords } from "../kind-words.ts";
import type { Newest, NewestCell } from "./newest.ts";

const specVersion = "0.0.0";

/** CTRF has no word for a harness that failed: it is no failure of what is tested, and no pass. */
const statuses: Readonly<Record<Outcome, "passed" | "failed" | "skipped" | "pending" | "other">> = {
  pass: "passed",
  fail: "failed",
  error: "other",
  "not-applicable": "skipped",
  "not-run": "pending",
};

const contentTypes: Readonly<Record<string, string>> = {
  ".json": "application/json",
  ".jsonl": "application/x-ndjson",
  ".cast": "application/x-asciicast",
  ".log": "text/plain",
  ".txt": "text/plain",
};

/** The newest outcomes as a Common Test Report Format document. Times in milliseconds. Source: ctrf.io, schema/ctrf.schema.json. */
export function ctrfOf({ cells, provenance, runs }: Newest): string {
  const records = cells.map(({ record }) => record);
  const count = (status: string) => records.filter(({ outcome }) => statuses[outcome] === status).length;
  const starts = records.map(({ started }) => Date.parse(started));
  const stops = records.map(stopOf);
  const start = starts.length > 0 ? starts.reduce((a, b) => Math.min(a, b)) : 0;
  const stop = stops.length > 0 ? stops.reduce((a, b) => Math.max(a, b)) : 0;
  const summary = {
    tests: records.length,
    ...{ passed: count("passed"), failed: count("failed"), skipped: count("skipped"), pending: count("pending"), other: count("other") },
    flaky: cells.filter(isFlaky).length,
    suites: new Set(records.map(suiteWords)).size,
    ...{ start, stop },
  };
  const tool = { name: "osbench", ...(provenance && { version: provenance.osbench.version }) };
  const report = {
    reportFormat: "CTRF",
    specVersion,
    generatedBy: "osbench",
    results: { tool, summary, tests: cells.map(testOf), extra: { runs, ...(provenance && { osbench: provenance.osbench }) } },
  };
  return `${JSON.stringify(report, undefined, 2)}\n`;
}

function testOf(cell: NewestCell) {
  const { record } = cell;
  const { image, target, suite, test, outcome, reason, failure, attempts, evidence } = record;
  const trace = [failure?.at, ...Object.entries(failure?.details ?? {}).map(([title, text]) => `${title}:\n${text}`), failure?.hint];
  const message = failure?.message ?? reason;
  return {
    id: idOf(record),
    name: test === "" ? "(no name)" : test,
    status: statuses[outcome],
    rawStatus: outcome,
    duration: Math.max(0, Math.round(record.durationMs)),
    start: Date.parse(record.started),
    stop: stopOf(record),
    suite: [suiteWords(record)],
    ...(message !== undefined && { message }),
    ...(failure && { trace: trace.filter((part) => part !== undefined).join("\n") }),
    ...lineOf(failure?.at),
    filePath: suite.file,
    retries: attempts - 1,
    flaky: isFlaky(cell),
    device: `${target.name} (${kindWords[kindOfTarget(target)]})`,
    parameters: { image: image.name, version: image.version, digest: image.digest, target: target.name },
    attachments: evidence.map(({ name, path }) => ({ name, path, contentType: contentTypes[extname(path)] ?? "application/octet-stream" })),
  };
}

function suiteWords({ suite, image, target }: CellRecord): string {
  return `${suite.name} (${image.name} × ${target.name})`;
}

/** CTRF's own meaning: it passed after an attempt that did not. */
function isFlaky({ record: { outcome, attempts } }: NewestCell): boolean {
  return outcome === "pass" && attempts > 1;
}

function stopOf({ started, durationMs }: CellRecord): number {
  return Date.parse(started) + Math.max(0, Math.round(durationMs));
}

function lineOf(at: string | undefined): { line?: number } {
  const line = /:(\d+):\d+$/.exec(at ?? "")?.[1];
  return line === undefined ? {} : { line: Number(line) };
}

/** The same cell has the same id in every report (a name-based UUID, RFC 9562, 5.8). */
function idOf({ image, target, suite, test }: CellRecord): string {
  const hex = createHash("sha256")
    .update(JSON.stringify([image.name, target.name, suite.name, test]))
    .digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
