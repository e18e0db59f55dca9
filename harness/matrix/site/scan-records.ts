import path from "node:path";
import type { CellRecord } from "../../model/record.ts";
import type { Damage } from "../read-run.ts";
import { readRecordLine, recordsFile, tooLong } from "../read-run.ts";
import { linesOf } from "./lines.ts";

/** A record and where its line stands in records.jsonl. */
export interface ScannedRecord {
  readonly record: CellRecord;
  readonly text: string;
  readonly offset: number;
  readonly bytes: number;
}

/** Reads the records of one run directory one after the other, holding one at a time. Damaged lines are reported and cost only themselves. */
export async function* scanRecords(folder: string, given: string, report: (damage: Damage) => void): AsyncGenerator<ScannedRecord> {
  const broken: { line: number; what: string }[] = [];
  let count = 0;
  for await (const { number, offset, bytes, text, ended } of linesOf(path.join(folder, recordsFile))) {
    const read =
      text === undefined ? { problem: tooLong(bytes) } : readRecordLine(text, { file: path.join(given, recordsFile), line: number }, ended);
    if ("problem" in read) {
      broken.push({ line: number, what: read.problem });
      continue;
    }
    count++;
    yield { record: read.record, text: text!, offset, bytes };
  }
  const kept = count === 1 ? "the 1 other record" : `the ${count} other records`;
  for (const { line, what } of broken) report({ folder, file: recordsFile, line, what, kept });
}
