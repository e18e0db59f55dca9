import { useEffect, useRef } from "preact/hooks";
import type { MatrixCell, MatrixRun } from "../document.ts";
import { wordOf } from "../outcome-words.ts";
import type { Recordings } from "../recordings.ts";
import { Boots } from "./boots.tsx";
import { EvidenceList } from "./evidence-list.tsx";
import { duration, moment, plain, shortDigest } from "./format.ts";
import { Recording } from "./recording.tsx";
import { Fact } from "./runs.tsx";

interface Props {
  readonly cell: MatrixCell;
  readonly recordings: Recordings;
  readonly runs: readonly MatrixRun[];
  readonly onClose: () => void;
}

/** Everything known about one cell. */
export function Panel({ cell, recordings, runs, onClose }: Props) {
  const panel = useRef<HTMLDivElement>(null);
  useEffect(() => {
    panel.current?.focus({ preventScroll: true });
    // Captured, because the player keeps the keys it gets to itself; in full screen Escape is the browser's.
    const escape = (event: KeyboardEvent) => event.key === "Escape" && !document.fullscreenElement && onClose();
    addEventListener("keydown", escape, true);
    return () => removeEventListener("keydown", escape, true);
  }, [onClose]);
  const { symbol, label, meaning } = wordOf(cell.outcome);
  const casts = cell.evidence.filter((evidence) => evidence.path.endsWith(".cast"));
  return (
    <div class="panel" role="dialog" aria-labelledby="cell-name" tabIndex={-1} ref={panel}>
      <div class="panel-head">
        <span class={`badge ${cell.outcome}`} title={meaning}>
          <span aria-hidden="true">{symbol}</span> {label}
        </span>
        <span class="where">
          {cell.image} {cell.version} × {cell.target}
        </span>
        <button class="close" onClick={onClose} aria-label="Close">
          ✕
        </button>
      </div>
      <div class="panel-body">
        <p class="eyebrow">{cell.suite}</p>
        <h2 id="cell-name">{cell.test}</h2>
        {cell.outdated.map((why) => (
          <p class="note">↺ {why}</p>
        ))}
        {cell.reason && <p class="reason">{plain(cell.reason)}</p>}
        {cell.failure && <FailureText failure={cell.failure} />}
        {casts.map((cast) => (
          <Recording key={cast.sha256} evidence={cast} packed={recordings[cast.sha256]} />
        ))}
        <Boots machines={cell.machines} />
        <EvidenceList evidence={cell.evidence} />
        <h3>Provenance</h3>
        <Facts cell={cell} run={runs.find((run) => run.run === cell.run)} />
        <History cell={cell} />
      </div>
    </div>
  );
}

function FailureText({ failure }: { failure: NonNullable<MatrixCell["failure"]> }) {
  return (
    <>
      <pre class="failure">{plain(failure.message)}</pre>
      <p class="position">
        {failure.at && <code>{failure.at}</code>} {failure.code && <code class="quiet">{failure.code}</code>}
      </p>
      {failure.hint && (
        <p class="hint">
          <b>Try:</b> {failure.hint}
        </p>
      )}
      {Object.entries(failure.details).map(([title, text]) => (
        <>
          <h3>{title}</h3>
          <pre class={/screen|console|serial/i.test(title) ? "terminal screen" : "terminal"} tabIndex={0}>
            {plain(text).trimEnd() || "(empty)"}
          </pre>
        </>
      ))}
    </>
  );
}

function Facts({ cell, run }: { cell: MatrixCell; run: MatrixRun | undefined }) {
  const { environment } = cell;
  return (
    <dl class="facts">
      <Fact name="Image">
        {cell.image} {cell.version} {cell.digest && <code title={cell.digest}>{shortDigest(cell.digest)}</code>}
      </Fact>
      {environment && (
        <>
          <Fact name="Machine">
            {environment.arch}, {environment.machine}
          </Fact>
          <Fact name="Accelerator">{environment.accelerator}</Fact>
          <Fact name="Firmware">{environment.firmware ?? "none"}</Fact>
          <Fact name="TPM">{environment.tpm ?? "none"}</Fact>
        </>
      )}
      {cell.suiteDigest && (
        <Fact name="Suite">
          {cell.suite} <code title={cell.suiteDigest}>{shortDigest(cell.suiteDigest)}</code>
        </Fact>
      )}
      <Fact name="Run">
        {run?.href ? <a href={run.href}>{cell.run}</a> : cell.run}
        {run?.provenance && `, osbench ${run.provenance.osbench.version}`}
      </Fact>
      <Fact name="Started">{moment(cell.started)}</Fact>
      {cell.durationMs !== undefined && (
        <Fact name="Took">
          {duration(cell.durationMs)}
          {cell.attempts !== undefined && cell.attempts > 1 && `, ${cell.attempts} attempts`}
        </Fact>
      )}
    </dl>
  );
}

function History({ cell }: { cell: MatrixCell }) {
  if (cell.history.length === 0) return null;
  return (
    <>
      <h3>Before</h3>
      <ol class="history">
        {cell.history.map((past) => {
          const { symbol, label } = wordOf(past.outcome);
          return (
            <li>
              <span class={`badge ${past.outcome}`}>
                <span aria-hidden="true">{symbol}</span> {label}
              </span>
              <span>{moment(past.started)}</span>
              <span>
                {past.version} {past.digest && past.digest !== cell.digest && <code title={past.digest}>{shortDigest(past.digest)}</code>}
              </span>
              <span>
                {past.durationMs !== undefined && duration(past.durationMs)}
                {past.attempts !== undefined && past.attempts > 1 && ` ×${past.attempts}`}
              </span>
              {past.message && <small>{plain(past.message)}</small>}
            </li>
          );
        })}
      </ol>
    </>
  );
}
