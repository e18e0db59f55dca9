import type { Player } from "asciinema-player";
import { create } from "asciinema-player";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Story, StoryEvidence } from "../site/site-data.ts";
import type { Cast } from "./cast.ts";
import { readCast } from "./cast.ts";
import { clock, size } from "./format.ts";
import type { Logged } from "./use-steps.ts";
import { Missing, useText } from "./use-piece.tsx";

interface Props {
  readonly evidence: StoryEvidence;
  readonly story: Story;
  /** "loading" while they may still come: they say when the failure was. */
  readonly steps: Logged | "loading" | undefined;
}

/** So much of what came before is shown with the failing moment. */
const leadSeconds = 5;

/** Plays a console recording, from the moment that matters: the failure, or else the start of the test. */
export function Recording({ evidence, story, steps }: Props) {
  const text = useText(evidence.piece);
  const moment = useMemo(() => (steps === "loading" ? undefined : momentOf(story, steps)), [story, steps]);
  const cast = useMemo(() => {
    if (text.state !== "there" || moment === undefined) return undefined;
    try {
      return { is: readCast(text.value, [moment]) };
    } catch (error) {
      return { why: (error as Error).message };
    }
  }, [text, moment]);
  return (
    <section aria-labelledby={`recording-${evidence.sha256}`}>
      <h2 id={`recording-${evidence.sha256}`}>Console: {evidence.name}</h2>
      {evidence.piece === undefined && (
        <>
          <Missing
            what="The recording"
            why={
              evidence.problem ??
              `it has ${size(evidence.bytes)}${evidence.bytes === 0 ? "" : " and was not taken into the published folder"}`
            }
          />
          {evidence.href && <a href={evidence.href}>{evidence.path}</a>}
        </>
      )}
      {evidence.piece !== undefined && text.state === "loading" && <p class="note">Loading…</p>}
      {text.state === "gone" && <Missing what="The recording" why={text.why} />}
      {cast?.why !== undefined && <Missing what="The recording" why={cast.why} />}
      {cast?.is !== undefined && moment && <Screen cast={cast.is} moment={moment} />}
    </section>
  );
}

function Screen({ cast, moment }: { cast: Cast; moment: Moment }) {
  const box = useRef<HTMLDivElement>(null);
  const player = useRef<Player>(undefined);
  const [trouble, setTrouble] = useState("");
  const shown = cast.at(moment.wall) ?? cast.length;
  const start = Math.max(0, shown - leadSeconds);
  useEffect(() => {
    if (!box.current) return;
    try {
      player.current = create({ data: cast.data }, box.current, {
        fit: "width",
        startAt: start,
        poster: `npt:${shown.toFixed(3)}`,
        terminalFontFamily: "ui-monospace, monospace",
      });
    } catch (error) {
      setTrouble((error as Error).message);
    }
    return () => player.current?.dispose();
  }, [cast, start, shown]);
  const jump = (seconds: number) => {
    void player.current?.seek(seconds).then(() => player.current?.play());
  };
  return (
    <>
      <p class="chapters">
        <button class="button main" data-at={start.toFixed(1)} onClick={() => jump(start)}>
          ▶ {moment.label} <small>{clock(shown * 1000)}</small>
        </button>
        <button class="button" onClick={() => jump(0)}>
          from the start
        </button>
        {cast.chapters
          .filter(({ label }) => label !== moment.label)
          .slice(0, 24)
          .map(({ label, at }) => (
            <button class="link" onClick={() => jump(at)}>
              {label} <small>{clock(at * 1000)}</small>
            </button>
          ))}
      </p>
      {trouble ? <Missing what="The recording" why={trouble} /> : <div class="recording" ref={box} />}
      <p class="note">Silences of more than two seconds are cut short. The still picture is the screen at “{moment.label}”.</p>
    </>
  );
}

interface Moment {
  readonly label: string;
  /** Milliseconds since the epoch. */
  readonly wall: number;
}

function momentOf(story: Story, steps: Logged | undefined): Moment {
  const failed = steps?.own.find((step) => step.error !== undefined);
  if (failed) return { label: "the failing moment", wall: Date.parse(failed.started) + failed.ms };
  const started = Date.parse(story.started);
  const ended = started + (story.record?.durationMs ?? 0);
  return story.outcome === "pass" ? { label: "end of the test", wall: ended } : { label: "the failing moment", wall: ended };
}
