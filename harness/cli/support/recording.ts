import { readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { z } from "zod";
import { recordingFiles } from "../../console/recorder.ts";
import { InputError } from "../../model/errors.ts";
import { nearest } from "../../model/nearest.ts";

/** Something that happened on a recorded console: output ("o"), a marker ("m"), or what players do not show. */
export interface RecordedEvent {
  /** Seconds since the recording began. */
  readonly at: number;
  readonly kind: string;
  readonly text: string;
}

export interface Recording {
  readonly file: string;
  readonly title: string;
  readonly columns: number;
  readonly rows: number;
  readonly events: readonly RecordedEvent[];
  /** What could not be read, for people; the rest plays. */
  readonly damage: readonly string[];
}

const header = z.union([
  z.looseObject({ version: z.literal(3), term: z.looseObject({ cols: z.number(), rows: z.number() }), title: z.string().default("") }),
  z
    .looseObject({ version: z.literal(2), width: z.number(), height: z.number(), title: z.string().default("") })
    .transform(({ width, height, ...rest }) => ({ ...rest, term: { cols: width, rows: height } })),
]);

const event = z.tuple([z.number().min(0), z.string(), z.string()]);

/**
 * Reads a console's recording: an evidence folder, any folder above one recording, an asciicast (version 2 or 3), or the raw bytes, whose times
 * stand in the asciicast beside them. Throws InputError for what is none of these. Source: docs.asciinema.org, asciicast v2 and v3.
 */
export async function readRecording(path: string): Promise<Recording> {
  const file = await recordingAt(path);
  if (file.endsWith(".raw")) return untimed(file, await readFile(file));
  return parseRecording(file, await readFile(file, "utf8"));
}

/** Reads an asciicast's text; `file` only names it. */
export function parseRecording(file: string, text: string): Recording {
  const [first = "", ...lines] = text.split("\n");
  const head = header.safeParse(json(first));
  if (!head.success)
    throw new InputError([
      { at: { file, line: 1 }, what: "no recording of a console: it must begin with the header of an asciicast", remedy },
    ]);
  const { version, term, title } = head.data;
  const events: RecordedEvent[] = [];
  const bad: number[] = [];
  let at = 0;
  for (const [index, line] of lines.entries()) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    const parsed = event.safeParse(json(line));
    if (!parsed.success) {
      bad.push(index + 2);
      continue;
    }
    const [time, kind, said] = parsed.data;
    // Version 3 counts from the event before; a damaged one has taken its own pause with it.
    at = version === 3 ? at + time : Math.max(at, time);
    events.push({ at, kind, text: said });
  }
  const cut = bad.at(-1) === lines.length + 1 && !text.endsWith("\n") ? bad.pop() : undefined;
  return { file, title, columns: term.cols, rows: term.rows, events, damage: damageOf(file, bad, cut) };
}

const remedy = `Give an evidence folder of a run, or its ${recordingFiles.cast}.`;

function damageOf(file: string, bad: readonly number[], cut: number | undefined): string[] {
  return [
    ...ranges(bad).map(
      ([from, to]) => `${file}:${from}: ${to === from ? "this line is" : `lines ${from} to ${to} are`} damaged; what is whole plays`,
    ),
    ...(cut === undefined ? [] : [`${file}:${cut}: ends in the middle of a line: its recorder was killed; what is whole plays`]),
  ];
}

function ranges(numbers: readonly number[]): [number, number][] {
  const found: [number, number][] = [];
  for (const number of numbers) {
    const last = found.at(-1);
    if (last && last[1] === number - 1) last[1] = number;
    else found.push([number, number]);
  }
  return found;
}

function untimed(file: string, bytes: Buffer): Recording {
  const damage = [`${file}: no ${recordingFiles.cast} stands beside it, so nobody knows when it said what: all of it comes at once`];
  return { file, title: "", columns: 0, rows: 0, events: [{ at: 0, kind: "o", text: bytes.toString() }], damage };
}

async function recordingAt(path: string): Promise<string> {
  const info = await stat(path).catch(() => undefined);
  if (!info) {
    const near = nearest(basename(path), await readdir(dirname(path)).catch(() => []));
    throw wrong(path, "there is no such file or folder", near === undefined ? remedy : `did you mean ${join(dirname(path), near)}?`);
  }
  if (!info.isDirectory()) return path.endsWith(".raw") && (await isFile(besides(path))) ? besides(path) : path;
  const below = await readdir(path, { recursive: true });
  const casts = below.filter((name) => basename(name) === recordingFiles.cast);
  const [only, ...others] = casts.length > 0 ? casts : below.filter((name) => basename(name) === recordingFiles.raw);
  if (only === undefined) throw wrong(path, "no recording of a console is in this folder", remedy);
  if (others.length === 0) return join(path, only);
  const named = [only, ...others].sort().map((name) => near(join(path, dirname(name))));
  throw wrong(path, `${named.length} recordings are in this folder`, `Name one:\n${named.map((name) => `    ${name}`).join("\n")}`);
}

/** The asciicast that was made of the same bytes at the same time. */
function besides(raw: string): string {
  return raw.replace(/\.raw$/, ".cast");
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}

function near(path: string): string {
  const short = relative("", path);
  return short.startsWith("..") ? path : short;
}

function wrong(file: string, what: string, remedy: string): InputError {
  return new InputError([{ at: { file }, what, remedy }]);
}

function json(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
