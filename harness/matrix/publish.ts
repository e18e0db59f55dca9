import { mkdir, realpath } from "node:fs/promises";
import path from "node:path";
import { writeWhole } from "../host/cache.ts";
import { assemble } from "./assemble.ts";
import type { MatrixDocument } from "./document.ts";
import { renderMarkdown } from "./markdown.ts";
import type { Damage } from "./read-run.ts";
import { readRuns } from "./read-runs.ts";
import { embedRecordings } from "./recordings.ts";
import { renderPage } from "./render-page.ts";

export interface Published {
  /** Absolute paths of the files written. */
  readonly html: string;
  readonly markdown: string;
  readonly json: string;
  readonly matrix: MatrixDocument;
  /** What could not be read; also shown in every file written. */
  readonly damage: readonly Damage[];
}

/**
 * Publishes the matrix of some run directories as `index.html`, `matrix.md` and `matrix.json` in `outFolder`, which is made if
 * needed. The same runs give the same bytes. Throws InputError for a folder that is no run directory or has an unknown schema.
 */
export async function publishMatrix(runFolders: readonly string[], outFolder: string): Promise<Published> {
  const runs = await readRuns(runFolders);
  await mkdir(outFolder, { recursive: true });
  const out = await realpath(outFolder);
  const matrix = await assemble(runs, out);
  const recordings = await embedRecordings(matrix.cells, runs);
  const files = { html: path.join(out, "index.html"), markdown: path.join(out, "matrix.md"), json: path.join(out, "matrix.json") };
  await Promise.all([
    writeWhole(files.html, await renderPage(matrix, recordings)),
    writeWhole(files.markdown, renderMarkdown(matrix)),
    writeWhole(files.json, `${JSON.stringify(matrix, undefined, 2)}\n`),
  ]);
  return { ...files, matrix, damage: runs.flatMap((run) => run.damage) };
}
