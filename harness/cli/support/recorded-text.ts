import { EscapeFilter } from "../../console/escapes.ts";
import { InputError } from "../../model/errors.ts";
import { suggest } from "../../model/nearest.ts";
import type { RecordedEvent, Recording } from "./recording.ts";

/** Seconds as every listing shows them, right-aligned. */
export function offset(seconds: number): string {
  return seconds.toFixed(3).padStart(9);
}

export function markersOf({ events }: Recording): RecordedEvent[] {
  return events.filter(({ kind }) => kind === "m");
}

/** The part of a recording up to a marker, named by a part of its text, or a time in seconds. Throws InputError with the markers there are. */
export function upTo(recording: Recording, until: string | undefined): Recording {
  if (until === undefined) return recording;
  const { events } = recording;
  const seconds = /^(\d+(?:\.\d+)?)s?$/.exec(until)?.[1];
  if (seconds !== undefined) return { ...recording, events: events.filter(({ at }) => at <= Number(seconds)) };
  const index = events.findIndex(({ kind, text }) => kind === "m" && text.includes(until));
  if (index >= 0) return { ...recording, events: events.slice(0, index + 1) };
  const names = markersOf(recording).map(({ text }) => text);
  throw new InputError([{ at: { flag: "--until" }, what: `the recording has no marker "${until}"`, remedy: suggest(until, names) }]);
}

/** Every line as plain text with the time it began, markers between them. */
export function* textOf({ events }: Recording): Generator<string> {
  const filter = new EscapeFilter();
  let line = "";
  let began = 0;
  for (const { at, kind, text } of events) {
    if (kind === "m") {
      // A marker stands where it was set: the line that had begun goes on below it.
      if (line !== "") yield `[${offset(began)}] ${line}`;
      line = "";
      yield `[${offset(at)}] --- ${text} ---`;
    }
    if (kind !== "o") continue;
    const [first = "", ...more] = filter.feed(text).split("\n");
    if (line === "") began = at;
    line += first;
    for (const next of more) {
      yield `[${offset(began)}] ${line}`;
      line = next;
      began = at;
    }
  }
  if (line !== "") yield `[${offset(began)}] ${line}`;
}
