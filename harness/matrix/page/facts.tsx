import type { CellRecord, Environment } from "../../model/record.ts";
import { kindOfRecord, kindWords } from "../kind-words.ts";
import type { RunPieces, Story } from "../site/site-data.ts";
import { duration, moment, shortDigest } from "./format.ts";
import type { Matrix } from "./matrix.ts";
import { Fact } from "./fact.tsx";
import { useJson } from "./use-piece.tsx";

/** What was tested, in what, by what and when. */
export function Facts({ matrix, cell, story }: { matrix: Matrix; cell: number; story: Story }) {
  const { image } = matrix.columnOf(cell);
  const { record } = story;
  const run = matrix.index.runs.find((one) => one.run === story.run);
  const runs = useJson<RunPieces>("runs");
  const environment = runs.state === "there" && record ? environmentIn(runs.value, record) : undefined;
  return (
    <section aria-labelledby="facts">
      <h2 id="facts">Provenance</h2>
      <dl class="facts">
        {record && (
          <>
            <Fact name="Image">
              {image} {record.image.version} <code title={record.image.digest}>{shortDigest(record.image.digest)}</code>
              <small> {record.image.form}</small>
            </Fact>
            <Fact name="Target">
              {record.target.name}: {record.target.arch}, {record.target.machine}
            </Fact>
            <Fact name="Hardware">
              {kindWords[kindOfRecord(record)]}
              {kindOfRecord(record) !== "hardware" && ": says nothing certain of real hardware, and certifies none"}
            </Fact>
            <Fact name="Accelerator">
              {record.target.accelerator}
              {environment && <small> {environment.acceleratorReason}</small>}
            </Fact>
            <Fact name="Firmware">
              {environment?.firmware ? <FirmwareName {...environment.firmware} /> : (record.target.firmware ?? "none")}
            </Fact>
            <Fact name="TPM">{record.target.tpm ?? "none"}</Fact>
            {environment && Object.keys(environment.description).length > 0 && (
              <Fact name="Described">
                <details>
                  <summary>all that its file says</summary>
                  {Object.entries(environment.description).map(([name, value]) => (
                    <span class="item">
                      {name}: {typeof value === "string" ? value : JSON.stringify(value)}
                    </span>
                  ))}
                </details>
              </Fact>
            )}
            <Fact name="Start">{startsOf(record)}</Fact>
            <Fact name="Suite">
              {record.suite.name} <code title={record.suite.digest}>{shortDigest(record.suite.digest)}</code>
            </Fact>
          </>
        )}
        <Fact name="Run">{run?.href ? <a href={run.href}>{story.run}</a> : story.run}</Fact>
        <Fact name="Time">
          {moment(story.started)}
          {record && `, ${duration(record.durationMs)}`}
          {record && record.attempts > 1 && `, ${record.attempts} attempts`}
        </Fact>
      </dl>
    </section>
  );
}

function FirmwareName({ name, version, digest }: NonNullable<Environment["firmware"]>) {
  return (
    <>
      {name} {version} <code title={digest}>{shortDigest(digest)}</code>
    </>
  );
}

/** What the target and the machine were found to have, and how. */
export function Capabilities({ story: { record } }: { story: Story }) {
  const found = record?.capabilities ?? [];
  if (found.length === 0) return null;
  return (
    <section aria-labelledby="capabilities">
      <h2 id="capabilities">What the test needs</h2>
      <ul class="capabilities">
        {found.map(({ name, present, reason }) => (
          <li>
            <span class={`badge ${present ? "pass" : "not-applicable"}`}>
              <span aria-hidden="true">{present ? "✓" : "–"}</span>
              <span class="unseen">{present ? "there: " : "missing: "}</span>
            </span>
            <span>
              <b>{name}</b> <small>{reason}</small>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function startsOf({ machines }: Pick<CellRecord, "machines">): string {
  if (machines.length === 0) return "no machine was started";
  const words = machines.map(({ start }) => {
    if (start.kind === "booted") return "booted from power-on";
    return `forked from the saved moment${start.moment ? ` “${start.moment.name}”` : ""}`;
  });
  return [...new Set(words)].join(", ");
}

function environmentIn(runs: RunPieces, { run, image, target }: Pick<CellRecord, "run" | "image" | "target">): Environment | undefined {
  return runs[run]?.environments.find((one) => one.image === image.name && one.target === target.name);
}
