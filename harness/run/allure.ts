import { extname, join } from "node:path";
import { Stage, Status } from "allure-js-commons";
import { FileSystemWriter, ReporterRuntime } from "allure-js-commons/sdk/reporter";
import type { CellRecord, Outcome } from "../model/record.ts";

const statuses: Readonly<Record<Outcome, Status>> = {
  pass: Status.PASSED,
  fail: Status.FAILED,
  error: Status.BROKEN,
  "not-applicable": Status.SKIPPED,
  // A planned cell that did not run must not look harmless.
  "not-run": Status.BROKEN,
};

const contentTypes: Readonly<Record<string, string>> = {
  ".json": "application/json",
  ".jsonl": "application/x-ndjson",
  ".log": "text/plain",
  ".txt": "text/plain",
  ".html": "text/html",
  ".xml": "application/xml",
};

/**
 * Writes one Allure result a record, with its evidence attached, into `resultsFolder`. Made from the records, not by a reporter inside the test
 * runner, so that it shows the cells the runner never came to, and tells an error from a failed claim.
 */
export function writeAllure(runFolder: string, records: readonly CellRecord[], resultsFolder: string): void {
  const writer = new ReporterRuntime({ writer: new FileSystemWriter({ resultsDir: resultsFolder }) });
  for (const record of records) {
    const { image, target, suite, test, outcome, failure, reason, evidence } = record;
    const start = Date.parse(record.started);
    const uuid = writer.startTest({ name: test, start, fullName: `${suite.file} › ${test}` });
    writer.updateTest(uuid, (result) => {
      result.status = statuses[outcome];
      result.stage = outcome === "not-run" ? Stage.PENDING : Stage.FINISHED;
      const trace = [failure?.at, ...Object.entries(failure?.details ?? {}).map(([title, text]) => `${title}:\n${text}`), failure?.hint];
      const message = failure?.message ?? (reason === undefined ? undefined : `${outcome}: ${reason}`);
      if (message !== undefined) result.statusDetails = { message, trace: trace.filter((part) => part !== undefined).join("\n") };
      result.titlePath = [suite.name];
      result.labels.push({ name: "parentSuite", value: `${image.name} × ${target.name}` }, { name: "suite", value: suite.name });
      result.labels.push({ name: "framework", value: "osbench" }, { name: "outcome", value: outcome });
      result.parameters.push({ name: "image", value: image.name }, { name: "target", value: target.name });
      // The version changes from run to run; the history of the cell goes on.
      result.parameters.push({ name: "version", value: image.version, excluded: true });
    });
    for (const { name, path } of evidence) {
      const extension = extname(path);
      const contentType = contentTypes[extension] ?? "application/octet-stream";
      writer.writeAttachment(uuid, undefined, name, join(runFolder, path), { contentType, fileExtension: extension });
    }
    writer.stopTest(uuid, { stop: start + record.durationMs });
    writer.writeTest(uuid);
  }
}
