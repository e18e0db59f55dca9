import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Outcome } from "../model/record.ts";
import { outcomeWords } from "./outcome-words.ts";
import type { MatrixCell } from "./document.ts";
import { fileOf } from "./evidence.ts";
import type { RunContents } from "./read-run.ts";

/** Console recordings that travel in the page: sha256 to gzip in base64. */
export type Recordings = Record<string, string>;

const largest = 2 * 1024 * 1024;
/** Past this the page would take long to open; the rest is linked only. */
const pageBudget = 24 * 1024 * 1024;

/**
 * Reads the console recordings (asciicast, `.cast`) of the cells, those that need a person first, each only if it is smaller
 * than 2 MiB and still the bytes that were recorded. Marks the evidence that is not.
 */
export async function embedRecordings(cells: readonly MatrixCell[], runs: readonly RunContents[]): Promise<Recordings> {
  const folders = new Map<string, string[]>();
  for (const run of runs) folders.set(run.run, [...(folders.get(run.run) ?? []), run.folder]);
  const urgency = new Map<Outcome, number>(outcomeWords.map((word, index) => [word.outcome, index]));
  const recordings: Recordings = {};
  let total = 0;
  for (const cell of [...cells].sort((a, b) => urgency.get(a.outcome)! - urgency.get(b.outcome)!)) {
    for (const evidence of cell.evidence) {
      if (!evidence.path.endsWith(".cast") || evidence.problem !== undefined || evidence.bytes >= largest || evidence.sha256 in recordings)
        continue;
      if (total >= pageBudget) return recordings;
      const bytes = await recorded(evidence.path, evidence.sha256, folders.get(cell.run) ?? []);
      if (bytes === undefined) {
        evidence.problem = "the file is not the one that was recorded: its sha256 differs";
        continue;
      }
      const packed = (await promisify(gzip)(bytes, { level: 9 })).toString("base64");
      total += packed.length;
      recordings[evidence.sha256] = packed;
    }
  }
  return recordings;
}

async function recorded(path: string, sha256: string, folders: readonly string[]): Promise<Buffer | undefined> {
  for (const folder of folders) {
    const file = await fileOf(path, folder);
    if (typeof file !== "string") continue;
    const bytes = await readFile(file);
    if (createHash("sha256").update(bytes).digest("hex") === sha256) return bytes;
  }
  return undefined;
}
