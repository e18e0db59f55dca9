import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { EscapeFilter } from "../../harness/console/escapes.ts";
import { recordingFiles } from "../../harness/console/recorder.ts";

/** What a machine's evidence says of when things happened. Times are milliseconds since the recording began. */
export interface Recording {
  readonly text: string;
  /** When the first text that fits stood complete on the line. */
  whenSaid(pattern: RegExp): number | undefined;
  /** When anything was said last. */
  readonly lastSaid: number;
  /** When, from then on, the first silence of that length began; then itself if there is none. */
  quietSince(at: number, ms: number): number;
  /** When anything was said last before then. */
  saidBefore(at: number): number;
  /** When the mark (`boot 1: initrd`) was set. */
  whenMarked(mark: string): number | undefined;
}

/** Reads the recording of a console in an evidence folder. */
export async function readRecording(evidenceFolder: string): Promise<Recording> {
  const [, ...lines] = (await readFile(join(evidenceFolder, recordingFiles.cast), "utf8")).trimEnd().split("\n");
  const filter = new EscapeFilter();
  const said: { readonly at: number; readonly end: number }[] = [];
  const marks = new Map<string, number>();
  let text = "";
  let at = 0;
  for (const line of lines) {
    const [seconds, kind, data] = JSON.parse(line) as [number, string, string];
    at += seconds * 1000;
    if (kind === "m" && !marks.has(data)) marks.set(data, at);
    if (kind !== "o") continue;
    text += filter.feed(data);
    said.push({ at, end: text.length });
  }
  return {
    text,
    lastSaid: said.at(-1)?.at ?? 0,
    quietSince: (from, ms) =>
      said.find(({ at }, index) => at >= from && (index + 1 === said.length || (said[index + 1]?.at ?? 0) - at >= ms))?.at ?? from,
    saidBefore: (before) => said.findLast(({ at }) => at < before)?.at ?? 0,
    whenMarked: (mark) => marks.get(mark),
    whenSaid: (pattern) => {
      const match = pattern.exec(text);
      return match ? said.find(({ end }) => end >= match.index + match[0].length)?.at : undefined;
    },
  };
}

/** When QEMU's monitor first told of the event, in milliseconds since the epoch. */
export async function whenTold(evidenceFolder: string, event: string): Promise<number | undefined> {
  const lines = (await readFile(join(evidenceFolder, "qmp.jsonl"), "utf8").catch(() => "")).split("\n").filter(Boolean);
  for (const line of lines) {
    const told = JSON.parse(line) as { event: string; timestampUs: number };
    if (told.event === event) return told.timestampUs / 1000;
  }
  return undefined;
}
