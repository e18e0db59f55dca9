import type { Story, StoryEvidence } from "../site/site-data.ts";
import { clock, duration, plain, plural } from "./format.ts";
import { Terminal } from "./output.tsx";
import { Source } from "./source.tsx";
import type { Logged, LoggedStep } from "./use-steps.ts";
import type { Loaded } from "./use-piece.tsx";
import { Missing } from "./use-piece.tsx";

/** The test step by step: its YAML, when each step ran, the commands it gave and what they said. */
export function Steps({ story, log, steps }: { story: Story; log: StoryEvidence | undefined; steps: Loaded<Logged> }) {
  const started = Date.parse(story.started);
  const own = steps.state === "there" ? steps.value.own : [];
  const lines = new Map(own.map((step) => [lineOf(step.at), step.error === undefined]));
  const failedAt = lineOf(story.record?.failure?.at ?? "");
  if (failedAt > 0) lines.set(failedAt, false);
  return (
    <section aria-labelledby="steps">
      <h2 id="steps">Steps</h2>
      {story.record && <Source story={story} lines={lines} />}
      {!log && story.record && <p class="note">No log of the steps was kept.</p>}
      {log && log.piece === undefined && (
        <Missing what="The log of the steps" why={log.problem ?? "it is too large to travel with the page"} />
      )}
      {log?.piece !== undefined && steps.state === "gone" && <Missing what="The log of the steps" why={steps.why} />}
      {log?.piece !== undefined && steps.state === "loading" && <p class="note">Loading…</p>}
      {steps.state === "there" && (
        <>
          {steps.value.damaged.length > 0 && (
            <Missing
              what={plural(steps.value.damaged.length, "step")}
              why={`line ${steps.value.damaged.join(", ")} of the log cannot be read`}
            />
          )}
          {steps.value.earlier.length > 0 && (
            <details class="earlier">
              <summary>{plural(steps.value.earlier.length, "step")} of earlier tests on the same machine</summary>
              <ol class="steps">
                {steps.value.earlier.map((step) => (
                  <StepLine step={step} from={started} open={false} />
                ))}
              </ol>
            </details>
          )}
          {own.length === 0 && <p class="note">No step of this test ran.</p>}
          <ol class="steps">
            {own.map((step) => (
              <StepLine step={step} from={started} open={step.error !== undefined} said={story.record?.failure?.message} />
            ))}
          </ol>
        </>
      )}
    </section>
  );
}

function StepLine({ step, from, open, said }: { step: LoggedStep; from: number; open: boolean; said?: string | undefined }) {
  const failed = step.error !== undefined;
  return (
    <li class={failed ? "step failed" : "step"}>
      <details open={open}>
        <summary>
          <span class={`badge ${failed ? "fail" : "pass"}`}>
            <span aria-hidden="true">{failed ? "✗" : "✓"}</span>
            <span class="unseen">{failed ? "failed" : "done"}</span>
          </span>
          <code>{plain(step.step)}</code>
          <small title="after the start of the test">{clock(Date.parse(step.started) - from)}</small>
          <small>{duration(step.ms)}</small>
        </summary>
        {step.error !== undefined && step.error !== said && <pre class="failure">{plain(step.error)}</pre>}
        {step.at && <p class="position quiet">{step.at}</p>}
        {step.commands.length === 0 && <p class="note">No command was given inside the machine.</p>}
        {step.commands.map((command, index) => (
          <Command command={command} open={command.code !== 0 || (failed && index === step.commands.length - 1)} />
        ))}
      </details>
    </li>
  );
}

function Command({ command: { command, code, stdout, stderr, ms }, open }: { command: LoggedStep["commands"][number]; open: boolean }) {
  const silent = stdout === "" && stderr === "";
  return (
    <details class="command" open={open}>
      <summary>
        <code class="prompt">{plain(command)}</code>
        <span class={code === 0 ? "code" : "code bad"}>exit {code}</span>
        <small>{duration(ms)}</small>
      </summary>
      {silent && <p class="note">It said nothing.</p>}
      {stdout !== "" && <Terminal text={plain(stdout)} label="standard output" />}
      {stderr !== "" && (
        <>
          <small>standard error</small>
          <Terminal text={plain(stderr)} label="standard error" />
        </>
      )}
    </details>
  );
}

/** Line of a `file:line:column`; 0 for none. */
export function lineOf(at: string): number {
  return Number(/:(\d+)(?::\d+)?$/.exec(at)?.[1] ?? 0);
}
