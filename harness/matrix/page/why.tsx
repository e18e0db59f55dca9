import type { Story } from "../site/site-data.ts";
import { plain } from "./format.ts";
import { Output } from "./output.tsx";

/** What the step's own log tells better, and in its place. */
const told = new Set(["step", "command", "exit code", "stdout", "stderr"]);
const faults: Readonly<Record<string, string>> = {
  image: "the image's own fault",
  firmware: "the firmware's fault: it belongs to the target",
  emulator: "the emulator's fault, not the image's",
  host: "this host's fault, not the image's",
  harness: "osbench's own fault, not the image's",
};

/** Why the cell is what it is: the failure, what it was recognised as, what to try. */
export function Why({ story }: { story: Story }) {
  const failure = story.record?.failure;
  if (!failure)
    return story.reason ? (
      <section aria-labelledby="why" class="why">
        <h2 id="why">{story.outcome === "not-applicable" ? "Why it does not apply" : "Why there is no result"}</h2>
        <p class="reason">{plain(story.reason)}</p>
      </section>
    ) : null;
  const { message, code, at, hint, diagnosis, details } = failure;
  const hasLog = story.evidence.some((entry) => entry.name === "steps.jsonl" && entry.piece !== undefined);
  const others = Object.entries(details).filter(([title]) => !(hasLog && told.has(title)));
  return (
    <section aria-labelledby="why" class={`why ${story.outcome}`}>
      <h2 id="why">{story.outcome === "fail" ? "What failed" : "What broke"}</h2>
      <pre class="failure">{plain(message)}</pre>
      <p class="position">
        {at && <code>{at}</code>} {code && <code class="quiet">{code}</code>}
      </p>
      {diagnosis && (
        <dl class="diagnosis">
          <dt>Diagnosis</dt>
          <dd>
            <b>{plain(diagnosis.means)}</b> <code>{diagnosis.id}</code>
            <br />
            in the {diagnosis.phase} phase · {faults[diagnosis.fault] ?? diagnosis.fault}
          </dd>
        </dl>
      )}
      {hint && (
        <p class="hint">
          <b>Try:</b> {plain(hint)}
        </p>
      )}
      {others.map(([title, text]) => (
        <Output title={title} text={plain(text)} screen={/screen|console|serial/i.test(title)} open={!/screen/i.test(title)} />
      ))}
    </section>
  );
}
