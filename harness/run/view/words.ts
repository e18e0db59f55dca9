import { relative } from "node:path";
import { styleText } from "node:util";
import type { CellRecord, Outcome } from "../../model/record.ts";
import type { Cell } from "../cell.ts";

type Style = Parameters<typeof styleText>[0];

const signs: Readonly<Record<Outcome, { sign: string; style: Style }>> = {
  pass: { sign: "✓", style: "green" },
  fail: { sign: "✗", style: "red" },
  error: { sign: "!", style: "magenta" },
  "not-applicable": { sign: "–", style: "gray" },
  "not-run": { sign: "?", style: "yellow" },
};

/** Colours for a stream that shows them; plain text for any other (and under NO_COLOR). */
export function painter(stream: NodeJS.WritableStream): (style: Style, text: string) => string {
  return (style, text) => styleText(style, text, { stream: stream as NodeJS.WriteStream });
}

export type Paint = ReturnType<typeof painter>;

/** `✓ pass`: never by colour alone. */
export function outcomeWords(outcome: Outcome, paint: Paint): string {
  const { sign, style } = signs[outcome];
  return paint(style, `${sign} ${outcome}`);
}

export function cellWords({ image, target, suite, test }: Cell): string {
  return `${image} × ${target}  ${suite} › ${test}`;
}

export function cellOfRecord(record: CellRecord): Cell {
  return { image: record.image.name, target: record.target.name, suite: record.suite.name, test: record.test };
}

/** Milliseconds as a person reads them: `320 ms`, `4.2 s`, `3 min 5 s`, `1 h 12 min`. */
export function durationWords(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  const minutes = Math.round(ms / 60_000);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `one machine`, `4 machines`. */
export function machinesWords(machines: number): string {
  return machines === 1 ? "one machine" : `${machines} machines`;
}

/** `about 3 min 5 s`, and how much of that is no more than a guess. */
export function expectedWords(ms: number, guessed: number, cells: number): string {
  const words = `about ${durationWords(ms)}`;
  if (guessed === 0) return words;
  return guessed === cells ? `perhaps ${durationWords(ms)}, never timed here` : `${words}, ${guessed} of them never timed here`;
}

/** Cuts a line to a width, with an ellipsis. */
export function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}

/** A path as one would type it here. */
export function near(path: string): string {
  const short = relative("", path);
  return short.startsWith("..") ? path : short;
}
