import type { Outcome } from "../../model/record.ts";
import { outcomeWords } from "../outcome-words.ts";
import { moment, plural, thousands } from "./format.ts";
import type { Matrix } from "./matrix.ts";

/** The one sentence a release manager opens the page for, and the proportions under it. */
export function Summary({ matrix }: { matrix: Matrix }) {
  const { counts, runs, outdated } = matrix.index;
  const judged = matrix.index.decision?.counts;
  const absent = matrix.index.decision?.absent.length ?? 0;
  const newest = runs.map((run) => run.finished ?? run.started).find((time) => time !== undefined);
  return (
    <>
      <p class="eyebrow">
        <span>Compatibility matrix</span>
        <span>{newest ? `newest run ${moment(newest)}` : ""}</span>
      </p>
      <h1>{headline(counts, matrix.size, absent)}</h1>
      <p class="subtitle">
        {plural(matrix.size, "cell")} of {plural(matrix.images.length, "image")} on {plural(matrix.targets.length, "target")}{" "}
        {matrix.kinds.length > 0 && `(${matrix.kinds.join(", ")})`}, from {plural(matrix.index.records, "record")} of{" "}
        {plural(runs.length, "run")}
        {matrix.regressed.size > 0 && <strong> · {plural(matrix.regressed.size, "cell")} passed before</strong>}
        {judged !== undefined && judged["known-issue"] !== undefined && <strong> · {plural(judged["known-issue"], "cell")} waived</strong>}
        {outdated > 0 && <strong> · {plural(outdated, "result")} of an older image or suite</strong>}
      </p>
      {matrix.size > 0 && (
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

function headline(counts: Record<Outcome, number>, total: number, absent: number): string {
  const open: string[] = [];
  if (counts.fail > 0) open.push(`${plural(counts.fail, "cell fails", "cells fail")}`);
  if (counts.error > 0) open.push(plural(counts.error, "harness error"));
  if (counts["not-run"] > 0) open.push(`${thousands(counts["not-run"])} did not run`);
  if (absent > 0) open.push(absent === 1 ? "an expected cell is missing" : `${thousands(absent)} expected cells are missing`);
  if (total + absent === 0) return "No results";
  if (open.length > 0) return open.join(", ");
  return counts.pass === 0 ? "Nothing applied" : "Every cell that applies passes";
}
