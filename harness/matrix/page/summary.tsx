import type { Outcome } from "../../model/record.ts";
import type { MatrixDocument } from "../document.ts";
import { outcomeWords } from "../outcome-words.ts";
import { moment, plural } from "./format.ts";

/** The one sentence a release manager opens the page for, and the proportions under it. */
export function Summary({ matrix }: { matrix: MatrixDocument }) {
  const { counts, cells, columns, runs, outdated } = matrix;
  const images = new Set(columns.map((column) => column.image)).size;
  const targets = new Set(columns.map((column) => column.target)).size;
  const newest = runs.map((run) => run.provenance?.finished ?? run.provenance?.started).find((time) => time !== undefined);
  return (
    <>
      <p class="eyebrow">
        <span>Compatibility matrix</span>
        <span>{newest ? `newest run ${moment(newest)}` : ""}</span>
      </p>
      <h1>{headline(counts, cells.length)}</h1>
      <p class="subtitle">
        {plural(cells.length, "cell")} of {plural(images, "image")} on {plural(targets, "target")}, from {plural(runs.length, "run")}
        {outdated > 0 && <strong> · {plural(outdated, "result")} of an older image or suite</strong>}
      </p>
      {cells.length > 0 && (
        <div class="proportions" role="img" aria-label={outcomeWords.map(({ outcome, label }) => `${counts[outcome]} ${label}`).join(", ")}>
          {outcomeWords.map(({ outcome, label }) =>
            counts[outcome] > 0 ? (
              <span class={outcome} style={{ flexGrow: counts[outcome] }} title={`${counts[outcome]} ${label}`} />
            ) : null,
          )}
        </div>
      )}
    </>
  );
}

function headline(counts: Record<Outcome, number>, total: number): string {
  const open: string[] = [];
  if (counts.fail > 0) open.push(`${plural(counts.fail, "cell fails", "cells fail")}`);
  if (counts.error > 0) open.push(plural(counts.error, "harness error"));
  if (counts["not-run"] > 0) open.push(`${counts["not-run"]} did not run`);
  if (total === 0) return "No results";
  if (open.length > 0) return open.join(", ");
  return counts.pass === 0 ? "Nothing applied" : "Every cell that applies passes";
}
