import { useState } from "preact/hooks";
import type { MatrixDocument } from "../document.ts";
import type { RunLine, RunPieces } from "../site/site-data.ts";
import { Fact } from "./fact.tsx";
import { duration, moment, plain, plural, shortDigest } from "./format.ts";
import type { Matrix } from "./matrix.ts";
import { Certificates } from "./certificate.tsx";
import { Missing, useJson } from "./use-piece.tsx";

const problemsAtFirst = 20;

export function Problems({ problems }: { problems: MatrixDocument["problems"] }) {
  const [all, setAll] = useState(false);
  if (problems.length === 0) return null;
  return (
    <section class="problems" role="alert" aria-labelledby="problems">
      <h2 id="problems">Not everything in these runs can be relied on</h2>
      <ul>
        {problems.slice(0, all ? problems.length : problemsAtFirst).map(({ at, what, kept }) => (
          <li>
            <code>{at}</code> {plain(what)}. <small>Kept: {kept}.</small>
          </li>
        ))}
      </ul>
      {!all && problems.length > problemsAtFirst && (
        <button class="link" onClick={() => setAll(true)}>
          Show {plural(problems.length - problemsAtFirst, "more", "more")}
        </button>
      )}
    </section>
  );
}

/** Where, with what and how the results were made. */
export function Runs({ matrix }: { matrix: Matrix }) {
  const pieces = useJson<RunPieces>("runs");
  return (
    <section aria-labelledby="runs">
      <h2 id="runs">Runs, newest first</h2>
      {pieces.state === "gone" && <Missing what="How the runs were made" why={pieces.why} />}
      <div class="runs">
        {matrix.index.runs.map((run) => (
          <Run key={run.folder} run={run} provenance={pieces.state === "there" ? (pieces.value[run.run] ?? undefined) : undefined} />
        ))}
      </div>
      <Certificates matrix={matrix} />
    </section>
  );
}

type Provenance = NonNullable<RunPieces[string]>;

function Run({
  run: { run, folder, href, records, planned, started, finished },
  provenance,
}: {
  run: RunLine;
  provenance: Provenance | undefined;
}) {
  const [open, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <b>{run}</b>
        <span>{started ? moment(started) : "started: unknown"}</span>
        <span>{planned ? `${plural(records, "record")} for ${plural(planned, "planned cell")}` : plural(records, "record")}</span>
        {started === undefined && <span class="badge error">! no run.json</span>}
        {started !== undefined && finished === undefined && <span class="badge not-run">○ did not finish</span>}
      </summary>
      {open && (
        <dl class="facts">
          <Fact name="Folder">{href ? <a href={href}>{folder}</a> : folder}</Fact>
          {provenance && <Made {...provenance} />}
        </dl>
      )}
    </details>
  );
}

function Made({ started, finished, osbench, command, host, tools, toolDigests, toolbox, images, targets, suites }: Provenance) {
  return (
    <>
      <Fact name="Time">
        {moment(started)}
        {finished && `, ${duration(Date.parse(finished) - Date.parse(started))}`}
      </Fact>
      <Fact name="Command">
        <code>{command.join(" ")}</code>
      </Fact>
      <Fact name="osbench">
        {osbench.version} {osbench.revision && <code>{osbench.revision.slice(0, 12)}</code>}
      </Fact>
      <Fact name="Host">
        {host.os}, {host.kernel}, {plural(host.cores, "core")}, {Math.round(host.memoryMiB / 1024)} GiB
      </Fact>
      {Object.entries(host.accelerators).map(([name, proof]) => (
        <Fact name={name}>{proof}</Fact>
      ))}
      <Fact name="Tools">
        {Object.entries(tools).map(([name, version]) => (
          <span class="item">
            {name} {version} {toolDigests[name] && <code title={toolDigests[name]}>{shortDigest(toolDigests[name])}</code>}
          </span>
        ))}
        {toolbox ? (
          <span class="item">
            from toolbox <code title={toolbox}>{shortDigest(toolbox)}</code>
          </span>
        ) : (
          <span class="item">from the host</span>
        )}
      </Fact>
      <Fact name="Images">
        {images.map((image) => (
          <span class="item">
            {image.name} {image.version} <code title={image.digest}>{shortDigest(image.digest)}</code>
            {image.versions?.flatMap(({ version, ukis }) =>
              (ukis ?? []).map(({ authenticode, signers }) => (
                <small class="item">
                  UKI of version {version} <code title={authenticode}>{shortDigest(authenticode)}</code>{" "}
                  {signers.length > 0 ? `signed by ${signers.map(({ subject }) => subject).join(", ")}` : "not signed"}
                </small>
              )),
            )}
          </span>
        ))}
      </Fact>
      <Fact name="Targets">{targets.join(", ")}</Fact>
      <Fact name="Suites">{suites.join(", ")}</Fact>
    </>
  );
}
