import { useEffect, useRef } from "preact/hooks";
import type { Story } from "../site/site-data.ts";
import { wordOf } from "../outcome-words.ts";
import { wordOfVerdict } from "../verdict-words.ts";
import { Boots } from "./boots.tsx";
import { CertificateOfCell, certificateWords } from "./certificate.tsx";
import { Claims } from "./claims.tsx";
import { EvidenceList } from "./evidence-list.tsx";
import { Capabilities, Facts } from "./facts.tsx";
import { Guard } from "./guard.tsx";
import { History } from "./history.tsx";
import { nextBroken } from "./keys.tsx";
import type { Matrix } from "./matrix.ts";
import { MeasuredTpm } from "./measured.tsx";
import { Recording } from "./recording.tsx";
import type { Selection } from "./select.ts";
import { Steps } from "./steps.tsx";
import { useSteps } from "./use-steps.ts";
import { Missing, useJson } from "./use-piece.tsx";
import type { Change } from "./use-view.ts";
import { VerdictOfCell } from "./verdict.tsx";
import { Why } from "./why.tsx";

interface Props {
  readonly matrix: Matrix;
  readonly cell: number;
  readonly selection: Selection;
  readonly onOpen: (cell: number) => void;
  readonly onClose: () => void;
  readonly change: Change;
}

/** Everything known about one cell, what a person asks first at the top. */
export function StoryPage({ matrix, cell, selection, onOpen, onClose, change }: Props) {
  const { row, suite, test } = matrix.rowOf(cell);
  const column = matrix.columnOf(cell);
  const stories = useJson<Readonly<Record<number, Story>>>(`row-${row}`);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  const outcome = matrix.outcome(cell);
  const { symbol, label, meaning } = outcome === undefined ? { ...wordOfVerdict("missing"), symbol: "?" } : wordOf(outcome);
  const verdict = matrix.verdict(cell);
  const judged = verdict === undefined || outcome === undefined ? undefined : wordOfVerdict(verdict);
  const certificate = matrix.certificate(cell);
  const story = stories.state === "there" ? stories.value[cell % matrix.columns.length] : undefined;
  const before = nextBroken(matrix, selection, cell, -1);
  const next = nextBroken(matrix, selection, cell, 1);
  return (
    <main class="story">
      <nav class="story-nav" aria-label="Cells">
        <button class="button" onClick={onClose}>
          ← Matrix
        </button>
        <span class="spacer" />
        {before !== undefined && (
          <button
            class="button"
            onClick={() => onOpen(before)}
            title={matrix.name(before)}
            aria-label={`Previous failure: ${matrix.name(before)}`}
          >
            ↑ previous<span class="wide"> failure</span>
          </button>
        )}
        {next !== undefined && (
          <button class="button" onClick={() => onOpen(next)} title={matrix.name(next)} aria-label={`Next failure: ${matrix.name(next)}`}>
            ↓ next<span class="wide"> failure</span>
          </button>
        )}
      </nav>
      <header class="story-head">
        <p class="eyebrow">
          <span>
            {column.image} {story?.record?.image.version ?? column.version} × {column.target}
          </span>
          <span>{suite}</span>
        </p>
        <h1 tabIndex={-1} ref={heading}>
          <span class={`badge big ${outcome ?? "absent"}`} title={meaning}>
            <span aria-hidden="true">{symbol}</span> {label}
          </span>{" "}
          {test}
        </h1>
        <p class="notes">
          {judged && judged.symbol !== "" && (
            <span class="badge mark">
              <span aria-hidden="true">{judged.symbol}</span> {judged.label}
            </span>
          )}
          {certificate && (
            <span class="badge mark">
              <span aria-hidden="true">{certificate.is.state === "holds" ? "§" : "§!"}</span> {certificateWords(certificate)}
            </span>
          )}
          {matrix.regressed.has(cell) && <span class="badge mark">↓ passed before</span>}
          {matrix.flaky.has(cell) && <span class="badge mark">~ flaky: passed and failed with this build and suite</span>}
          {matrix.attempts(cell) > 1 && <span class="badge mark">×{matrix.attempts(cell)} attempts</span>}
          {story?.outdated.map((why) => (
            <span class="badge mark">↺ {why}</span>
          ))}
        </p>
      </header>
      {outcome !== undefined && stories.state === "gone" && <Missing what="The story of this cell" why={stories.why} />}
      {outcome === undefined && <Absent matrix={matrix} cell={cell} onOpen={onOpen} />}
      {outcome !== undefined && stories.state === "there" && !story && (
        <Missing what="The story of this cell" why="the published files do not hold it" />
      )}
      {stories.state === "loading" && <p class="note">Loading…</p>}
      {story && <Told {...{ matrix, cell, story, onOpen, change }} />}
    </main>
  );
}

/** Nobody tried it, so there is nothing to tell but why it is missed. */
function Absent({ matrix, cell, onOpen }: { matrix: Matrix; cell: number; onOpen: (cell: number) => void }) {
  const { decision } = matrix.index;
  return (
    <div class="columns">
      <div class="tale">{decision && <VerdictOfCell decision={decision} judged={{ verdict: "missing", why: matrix.absent(cell)! }} />}</div>
      <aside>
        <Claims matrix={matrix} cell={cell} onOpen={onOpen} />
      </aside>
    </div>
  );
}

function Told({
  matrix,
  cell,
  story,
  onOpen,
}: {
  matrix: Matrix;
  cell: number;
  story: Story;
  onOpen: (cell: number) => void;
  change: Change;
}) {
  const log = story.evidence.find((entry) => entry.name === "steps.jsonl");
  const steps = useSteps(log, story);
  const known = log?.piece === undefined || steps.state === "gone" ? undefined : steps.state === "there" ? steps.value : "loading";
  const casts = story.evidence.filter((entry) => entry.path.endsWith(".cast"));
  return (
    <div class="columns">
      <div class="tale">
        {matrix.index.decision && story.judged && (
          <Guard what="What the gate says">
            <VerdictOfCell
              decision={matrix.index.decision}
              judged={story.judged}
              said={(story.record?.failure?.message ?? story.reason)?.split("\n")[0]}
            />
          </Guard>
        )}
        <Guard what="Why it ended so">
          <Why story={story} />
        </Guard>
        <Guard what="The steps">
          <Steps story={story} log={log} steps={steps} />
        </Guard>
        {casts.map((cast) => (
          <Guard key={cast.sha256} what="The recording">
            <Recording evidence={cast} story={story} steps={known} />
          </Guard>
        ))}
        <Guard what="What was measured into the TPM">
          {story.measuredProblem && <Missing what="What was measured into the TPM" why={story.measuredProblem} />}
          {story.measured && <MeasuredTpm piece={story.measured} failure={story.record?.failure} />}
        </Guard>
        <EvidenceList evidence={story.evidence} />
      </div>
      <aside>
        <Claims matrix={matrix} cell={cell} onOpen={onOpen} />
        <Guard what="The history">
          <History matrix={matrix} story={story} />
        </Guard>
        <Guard what="The boots">
          <Boots machines={story.record?.machines ?? []} />
        </Guard>
        <Guard what="The certificate">
          <CertificateOfCell matrix={matrix} cell={cell} />
        </Guard>
        <Guard what="The provenance">
          <Facts matrix={matrix} cell={cell} story={story} />
          <Capabilities story={story} />
        </Guard>
      </aside>
    </div>
  );
}
