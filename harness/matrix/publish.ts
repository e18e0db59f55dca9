import { mkdir, realpath } from "node:fs/promises";
import path from "node:path";
import { writeWhole } from "../host/cache.ts";
import type { MatrixCell, MatrixDecision, MatrixDocument } from "./document.ts";
import { matrixSchemaVersion } from "./document.ts";
import { JsonFile } from "./site/json-file.ts";
import { largeMarkdown } from "./site/large-markdown.ts";
import { renderMarkdown } from "./markdown.ts";
import type { Damage } from "./read-run.ts";
import { renderPage } from "./render-page.ts";
import { certificatesOf, type CertificateQuestion, type MetCertificate } from "./certify/site-certificates.ts";
import { Certificates } from "./site/certificates.ts";
import { collect } from "./site/collect.ts";
import type { GateQuestion } from "./gate/told.ts";
import { Decided } from "./site/decided.ts";
import { makeSite } from "./site/make-site.ts";
import { Pieces } from "./site/pieces.ts";
import { runHeads } from "./site/run-head.ts";
import { Spill } from "./site/spill.ts";

export interface Published {
  /** Absolute paths of the files written. */
  readonly html: string;
  readonly markdown: string;
  readonly json: string;
  readonly counts: MatrixDocument["counts"];
  readonly outdated: number;
  readonly runs: number;
  /** Records read, of which the newest of each cell counts. */
  readonly records: number;
  /** What could not be read; also shown in every file written. */
  readonly damage: readonly Damage[];
  /** What the gate says, where it was asked. */
  readonly decision: MatrixDecision | undefined;
  readonly certificates: readonly MetCertificate[];
}

/** What a site shows beyond what the runs hold. */
export interface Shown {
  readonly gate?: GateQuestion | undefined;
  readonly certificates?: CertificateQuestion | undefined;
}

/** A Markdown table beyond this is rendered by no forge. */
const mostInMarkdown = 5000;
const mostBroken = 200;

/**
 * Publishes the matrix of some run directories in `outFolder`, which is made if needed: `index.html` with its pieces in `data/`,
 * `matrix.md` and `matrix.json`. The same runs give the same bytes. Reads each record twice and holds few at a time, so memory grows
 * with the cells of the grid and not with the records. With a policy or baseline the page says what `osbench gate` would, by the same code; certificates
 * are checked as `osbench verify` checks them. Throws InputError for a folder that is no run directory or has an unknown schema.
 */
export async function publishMatrix(runFolders: readonly string[], outFolder: string, shown: Shown = {}): Promise<Published> {
  const heads = await runHeads(runFolders);
  await mkdir(outFolder, { recursive: true });
  const out = await realpath(outFolder);
  const files = { html: path.join(out, "index.html"), markdown: path.join(out, "matrix.md"), json: path.join(out, "matrix.json") };
  const spill = new Spill("matrix");
  const pieces = await Pieces.in(out);
  const json = await JsonFile.create(files.json, "cells");
  let decided: Decided | undefined;
  try {
    const few: MatrixCell[] = [];
    const broken: MatrixCell[] = [];
    let cells = 0;
    json.open({ schema: matrixSchemaVersion });
    const collected = await collect(heads, spill);
    decided = shown.gate && new Decided(shown.gate, collected, spill);
    // After the records were read: what is vouched for is what is shown.
    const met = await certificatesOf(
      heads.map(({ folder }) => folder),
      shown.certificates ?? { key: undefined, given: [] },
    );
    const certificates = new Certificates(met, heads);
    const made = await makeSite(collected, spill, pieces, out, { decided, certificates }, (cell) => {
      if (cells++ < mostInMarkdown) few.push(cell);
      if ((cell.outcome === "fail" || cell.outcome === "error") && broken.length < mostBroken) broken.push(cell);
      return json.item(cell);
    });
    const { index, columns, suites, runs, damage, decision } = made;
    const { counts, outdated, records, problems } = index;
    await json.close({ counts, outdated, columns, suites, runs, problems, ...(decision && { decision }) });
    const page = JSON.stringify(index);
    const data = await pieces.finish(page);
    await writeWhole(files.html, await renderPage(page, data));
    const about: Omit<MatrixDocument, "cells"> = {
      schema: matrixSchemaVersion,
      counts,
      outdated,
      columns: [...columns],
      suites: [...suites],
      runs: [...runs],
      problems: [...problems],
      ...(decision && { decision }),
    };
    const markdown = cells <= mostInMarkdown ? renderMarkdown({ ...about, cells: few }) : largeMarkdown({ ...about, cells: broken }, cells);
    await writeWhole(files.markdown, markdown);
    await pieces.removeOthers(data);
    return { ...files, counts, outdated, runs: runs.length, records, damage, decision, certificates: met };
  } catch (error) {
    await Promise.all([pieces.abandon(), json.abandon()]);
    throw error;
  } finally {
    decided?.close();
    spill.close();
  }
}
