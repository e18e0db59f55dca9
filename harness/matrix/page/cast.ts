/** A console recording, ready for the player: silences cut short, and where things are in it. */
export interface Cast {
  /** asciicast 2. */
  readonly data: string;
  /** Seconds, silences cut short. */
  readonly length: number;
  readonly chapters: readonly { readonly label: string; readonly at: number }[];
  /** Second at which a moment of the wall clock (milliseconds since the epoch) is shown; undefined when the recording does not say when it began. */
  readonly at: (wall: number) => number | undefined;
}

interface Header {
  readonly version?: number;
  readonly term?: { readonly cols?: number; readonly rows?: number };
  readonly width?: number;
  readonly height?: number;
  readonly timestamp?: number;
}

/** Silence longer than this is cut down to it: nobody watches a machine think. */
const longestSilence = 2;

/**
 * Reads an asciicast 2 or 3. `extra` are moments of the wall clock to mark. Throws Error for what is no recording; a line in it that cannot be read
 * is left out. Source: docs.asciinema.org, asciicast v2 and v3.
 */
export function readCast(text: string, extra: readonly { readonly label: string; readonly wall: number }[] = []): Cast {
  const [first, ...lines] = text.split("\n");
  const header = parse(first!) as Header | undefined;
  if (typeof header !== "object" || (header.version !== 2 && header.version !== 3)) throw new Error("it is no asciicast 2 or 3");
  const events: { real: number; shown: number; kind: string; data: string }[] = [];
  let real = 0;
  let shown = 0;
  for (const line of lines) {
    const event = parse(line);
    if (!Array.isArray(event) || typeof event[0] !== "number" || typeof event[2] !== "string") continue;
    const gap = Math.max(0, header.version === 3 ? event[0] : event[0] - real);
    real += gap;
    shown += Math.min(gap, longestSilence);
    events.push({ real, shown, kind: String(event[1]), data: event[2] });
  }
  const { timestamp } = header;
  const at = (wall: number) => {
    if (timestamp === undefined) return undefined;
    // The header knows the second the recording began in, not the part of it: half a second is the least wrong.
    const wanted = (wall - timestamp * 1000) / 1000 - 0.5;
    const next = events.findIndex((event) => event.real > wanted);
    if (next < 0) return shown;
    const before = events[next - 1] ?? { real: 0, shown: 0 };
    return Math.min(events[next]!.shown, before.shown + Math.max(0, wanted - before.real));
  };
  const chapters = [
    ...events.filter(({ kind }) => kind === "m").map((event) => ({ label: event.data, at: event.shown })),
    ...extra.flatMap(({ label, wall }) => {
      const place = at(wall);
      return place === undefined ? [] : [{ label, at: place }];
    }),
  ].sort((a, b) => a.at - b.at);
  const out = [
    ...events.filter(({ kind }) => kind === "o").map((event) => [event.shown, "o", event.data] as const),
    ...chapters.map((chapter) => [chapter.at, "m", chapter.label] as const),
  ].sort((a, b) => a[0] - b[0]);
  const head = { version: 2, width: header.term?.cols ?? header.width ?? 80, height: header.term?.rows ?? header.height ?? 24 };
  return { data: [head, ...out].map((line) => JSON.stringify(line)).join("\n"), length: shown, chapters, at };
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
