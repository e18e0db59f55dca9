import type { Failure } from "../../model/record.ts";
import type { Measured, MeasuredBank } from "../site/site-data.ts";
import { plural } from "./format.ts";
import { Missing, useJson } from "./use-piece.tsx";

/** What the TPM held at the end, against what the event logs say was measured. */
export function MeasuredTpm({ piece, failure }: { piece: string; failure: Failure | undefined }) {
  const measured = useJson<Measured>(piece);
  if (measured.state === "loading") return <p class="note">Loading…</p>;
  if (measured.state === "gone") return <Missing what="What was measured into the TPM" why={measured.why} />;
  const { banks, explanation, agrees, snapshots, notes } = measured.value;
  return (
    <section aria-labelledby="measured">
      <h2 id="measured">Measured into the TPM</h2>
      <p class={agrees ? "agree" : "agree not"}>
        <b>{agrees ? "✓ Every value is what the event logs add up to." : "✗ The event logs do not add up to the values."}</b>{" "}
        <small>{plural(snapshots, "snapshot")} of the values, the last one shown</small>
      </p>
      {!agrees && explanation && <pre class="failure">{explanation}</pre>}
      {notes.map((note) => (
        <p class="note">! {note}</p>
      ))}
      {banks.map((bank) => (
        <Bank bank={bank} failure={failure} />
      ))}
    </section>
  );
}

function Bank({ bank: { bank, pcrs }, failure }: { bank: MeasuredBank; failure: Failure | undefined }) {
  const blamed = [failure?.message, ...Object.values(failure?.details ?? {})].join("\n");
  return (
    <div class="scroll">
      <table class="pcrs">
        <caption class="unseen">PCRs of bank {bank}</caption>
        <thead>
          <tr>
            <th scope="col">PCR</th>
            <th scope="col">{bank}</th>
            <th scope="col">the logs</th>
            <th scope="col">measured</th>
          </tr>
        </thead>
        <tbody>
          {pcrs.map(({ pcr, value, replayed, before, events }) => {
            const agrees = replayed === undefined ? undefined : replayed === value;
            const named = new RegExp(`\\bPCR ${pcr}\\b`).test(failure?.message ?? "");
            return (
              <tr class={named || agrees === false ? "blamed" : ""}>
                <th scope="row">{pcr}</th>
                <td>
                  <code title={value}>{value.slice(0, 16)}…</code>
                  {before.map((earlier) => (
                    <small class="was">
                      was <code title={earlier}>{earlier.slice(0, 16)}…</code>
                    </small>
                  ))}
                </td>
                <td>{agrees === undefined ? <small>no log</small> : agrees ? "✓ agree" : <b class="bad">✗ differ</b>}</td>
                <td>
                  {events.length > 0 && (
                    <details open={named}>
                      <summary>{plural(events.length, "event")}</summary>
                      <ol>
                        {events.map(({ what, digest }) => {
                          const hit = blamed.includes(`"${what}"`);
                          return (
                            <li class={hit ? "hit" : ""}>
                              {hit && <b class="bad">✗ here </b>}
                              {what} <code title={digest}>{digest.slice(0, 12)}…</code>
                            </li>
                          );
                        })}
                      </ol>
                    </details>
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
