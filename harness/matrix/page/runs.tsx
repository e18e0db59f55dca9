import type { MatrixDocument, MatrixRun } from "../document.ts";
import { duration, moment, plural, shortDigest } from "./format.ts";

export function Problems({ problems }: { problems: MatrixDocument["problems"] }) {
  if (problems.length === 0) return null;
  return (
    <section class="problems" role="alert" aria-labelledby="problems">
      <h2 id="problems">Some of what was recorded could not be read</h2>
      <ul>
        {problems.map(({ at, what, kept }) => (
          <li>
            <code>{at}</code> {what}. <small>Kept: {kept}.</small>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Where, with what and how the results were made. */
export function Runs({ runs }: { runs: readonly MatrixRun[] }) {
  return (
    <section aria-labelledby="runs">
      <h2 id="runs">Runs</h2>
      <div class="runs">
        {runs.map((run) => (
          <Run {...run} />
        ))}
      </div>
    </section>
  );
}

function Run({ run, folder, href, records, planned, provenance }: MatrixRun) {
  const count = planned ? `${records} of ${plural(planned, "planned cell")}` : plural(records, "record");
  return (
    <details>
      <summary>
        <b>{run}</b>
        <span>{provenance ? moment(provenance.started) : "started: unknown"}</span>
        <span>{count}</span>
        {!provenance && <span class="badge error">! no run.json</span>}
        {provenance && provenance.finished === undefined && <span class="badge not-run">○ did not finish</span>}
      </summary>
      <dl class="facts">
        <Fact name="Folder">{href ? <a href={href}>{folder}</a> : folder}</Fact>
        {provenance && <Provenance {...provenance} />}
      </dl>
    </details>
  );
}

function Provenance({
  started,
  finished,
  osbench,
  command,
  host,
  tools,
  toolbox,
  images,
  targets,
  suites,
}: NonNullable<MatrixRun["provenance"]>) {
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
        {Object.entries(tools)
          .map(([name, version]) => `${name} ${version}`)
          .join(", ")}
        {toolbox ? (
          <>
            {" "}
            from toolbox <code title={toolbox}>{shortDigest(toolbox)}</code>
          </>
        ) : (
          " from the host"
        )}
      </Fact>
      <Fact name="Images">
        {images.map((image) => (
          <span class="item">
            {image.name} {image.version} <code title={image.digest}>{shortDigest(image.digest)}</code>
          </span>
        ))}
      </Fact>
      <Fact name="Targets">{targets.join(", ")}</Fact>
      <Fact name="Suites">{suites.join(", ")}</Fact>
    </>
  );
}

export function Fact({ name, children }: { name: string; children: preact.ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
