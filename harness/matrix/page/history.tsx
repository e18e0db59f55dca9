import type { PastOutcome } from "../document.ts";
import type { Story } from "../site/site-data.ts";
import { wordOf } from "../outcome-words.ts";
import { duration, moment, plain, plural, shortDigest } from "./format.ts";
import type { Matrix } from "./matrix.ts";

const inStrip = 60;
const listedAtFirst = 8;

/** Every outcome this cell had, newest first, and a strip of them oldest first. */
export function History({ matrix, story }: { matrix: Matrix; story: Story }) {
  const now: PastOutcome = {
    ...{ run: story.run, outcome: story.outcome, started: story.started },
    ...(story.record && { durationMs: story.record.durationMs, version: story.record.image.version, digest: story.record.image.digest }),
  };
  const all = [now, ...story.history];
  const passes = all.filter(({ outcome }) => outcome === "pass").length;
  const runs = new Map(matrix.index.runs.map((run) => [run.run, run.href]));
  return (
    <section aria-labelledby="history">
      <h2 id="history">History</h2>
      {all.length > 1 && (
        <>
          <p class="strip" role="img" aria-label={`${passes} of the last ${all.length} passed`}>
            {all
              .slice(0, inStrip)
              .reverse()
              .map(({ outcome, run, started }) => (
                <span class={`badge ${outcome}`} title={`${moment(started)}, run ${run}: ${wordOf(outcome).label}`}>
                  {wordOf(outcome).symbol}
                </span>
              ))}
          </p>
          <p class="note">
            {passes} of {plural(all.length, "outcome")} passed, oldest left
          </p>
        </>
      )}
      <ol class="history">
        {all.slice(0, listedAtFirst).map((past) => (
          <Past past={past} href={runs.get(past.run)} now={now} />
        ))}
      </ol>
      {all.length > listedAtFirst && (
        <details>
          <summary>{plural(all.length - listedAtFirst, "older outcome")}</summary>
          <ol class="history">
            {all.slice(listedAtFirst).map((past) => (
              <Past past={past} href={runs.get(past.run)} now={now} />
            ))}
          </ol>
        </details>
      )}
      {story.earlier > 0 && <p class="note">and {plural(story.earlier, "outcome")} before these</p>}
    </section>
  );
}

function Past({ past, href, now }: { past: PastOutcome; href: string | undefined; now: PastOutcome }) {
  const { symbol, label } = wordOf(past.outcome);
  return (
    <li>
      <span class={`badge ${past.outcome}`}>
        <span aria-hidden="true">{symbol}</span> {label}
      </span>
      <span>
        {moment(past.started)}
        {past.durationMs !== undefined && <small> {duration(past.durationMs)}</small>}
        {past.attempts !== undefined && past.attempts > 1 && <small> ×{past.attempts}</small>}
      </span>
      <small>
        {past.version && `version ${past.version} `}
        {past.digest && (past.digest !== now.digest || past === now) && <code title={past.digest}>{shortDigest(past.digest)}</code>} in{" "}
        {href ? <a href={href}>{past.run}</a> : past.run}
        {past.message && (
          <>
            <br />
            {plain(past.message)}
          </>
        )}
      </small>
    </li>
  );
}
