import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

const enough = 64 * 1024;

/** Writes text to standard output as fast as it is taken, holding little of it. Who stops reading (`| head`) has seen enough: that is no error. */
export async function writeOut(parts: Iterable<string> | AsyncIterable<string | Buffer>): Promise<void> {
  try {
    await pipeline(Readable.from(Symbol.iterator in parts ? inChunks(parts) : parts, { objectMode: false }), process.stdout, {
      end: false,
    });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EPIPE" && code !== "ERR_STREAM_PREMATURE_CLOSE") throw error;
  }
}

/** A JSON object written member by member, lists and what else is walked over item by item. */
export function* jsonOf(members: Readonly<Record<string, unknown>>): Generator<string> {
  let before = "{";
  for (const [name, value] of Object.entries(members)) {
    if (value === undefined) continue;
    yield `${before}\n  ${JSON.stringify(name)}: `;
    before = ",";
    if (typeof value !== "object" || value === null || !(Symbol.iterator in value)) {
      yield JSON.stringify(value);
      continue;
    }
    let separator = "[\n    ";
    for (const item of value as Iterable<unknown>) {
      yield separator + JSON.stringify(item);
      separator = ",\n    ";
    }
    yield separator.startsWith("[") ? "[]" : "\n  ]";
  }
  yield before === "{" ? "{}\n" : "\n}\n";
}

function* inChunks(parts: Iterable<string>): Generator<string> {
  let held = "";
  for (const part of parts) {
    held += part;
    if (held.length < enough) continue;
    yield held;
    held = "";
  }
  if (held !== "") yield held;
}
