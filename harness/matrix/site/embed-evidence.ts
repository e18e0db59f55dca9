import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Outcome } from "../../model/record.ts";
import type { MatrixEvidence } from "../document.ts";
import { fileOf } from "../evidence.ts";
import type { Pieces } from "./pieces.ts";
import type { StoryEvidence } from "./site-data.ts";

const largest = 8 * 1024 * 1024;
/** What stories of cells that hold may add to a site; those that need a person are not counted. */
const budget = 512 * 1024 * 1024;

const always = /\.cast$|(?:^|\/)steps\.jsonl$/;
const readable = /\.(?:cast|jsonl|json|json-seq|txt|log|yaml|xml)$/;

/**
 * Copies what a person can read of a cell's evidence into the site: of cells that hold, the console and the steps, of others every text.
 * Only what is still the bytes that were recorded; marks what is not.
 */
export async function embedEvidence(
  evidence: readonly MatrixEvidence[],
  outcome: Outcome,
  runFolder: string,
  pieces: Pieces,
): Promise<StoryEvidence[]> {
  const calm = outcome === "pass" || outcome === "not-applicable";
  const shown: StoryEvidence[] = [];
  for (const entry of evidence) {
    const wanted = calm ? always.test(entry.path) && pieces.bytes < budget : readable.test(entry.path);
    if (!wanted || entry.problem !== undefined || entry.bytes > largest || entry.bytes === 0) {
      shown.push(entry);
      continue;
    }
    const piece = `e-${entry.sha256.slice(0, 40)}`;
    if (!/^e-[0-9a-f]{40}$/.test(piece)) {
      shown.push({ ...entry, problem: "its sha256 is none" });
      continue;
    }
    if (pieces.has(piece)) {
      shown.push({ ...entry, piece });
      continue;
    }
    const bytes = await bytesOf(entry, runFolder);
    if (typeof bytes === "string") {
      shown.push({ ...entry, problem: bytes });
      continue;
    }
    await pieces.text(piece, bytes);
    shown.push({ ...entry, piece });
  }
  return shown;
}

/** The recorded bytes of a piece of evidence, or why there are none. */
export async function bytesOf(entry: Pick<MatrixEvidence, "path" | "sha256">, runFolder: string): Promise<Buffer | string> {
  const file = await fileOf(entry.path, runFolder);
  if (typeof file !== "string") return file.problem;
  const bytes = await readFile(file).catch((error: Error) => error);
  if (bytes instanceof Error) return `the file cannot be read: ${bytes.message}`;
  const found = createHash("sha256").update(bytes).digest("hex");
  return found === entry.sha256 ? bytes : "the file is not the one that was recorded: its sha256 differs";
}
