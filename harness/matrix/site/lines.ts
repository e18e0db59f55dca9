import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";

/** One line of a file and where it stands. `text` is absent for a line too long to be looked at. */
export interface Line {
  readonly number: number;
  readonly offset: number;
  readonly bytes: number;
  readonly text: string | undefined;
  /** False only for a last line that no newline ends. */
  readonly ended: boolean;
}

/** Far more than any record: one holds a failure's texts, not files. */
export const longestLine = 64 * 1024 * 1024;

/** Reads a file line by line, holding one line at a time. Empty lines are left out. Rejects like `createReadStream`. */
export async function* linesOf(file: string, longest: number = longestLine): AsyncGenerator<Line> {
  // A pipe nobody writes to would be waited for for ever.
  if (!(await stat(file)).isFile()) throw Object.assign(new Error(`${file} is no regular file`), { code: "ENOENT" });
  let parts: Buffer[] = [];
  let held = 0;
  let length = 0;
  let number = 1;
  let offset = 0;
  const line = (ended: boolean): Line | undefined => {
    const text = length > longest ? undefined : (parts.length === 1 ? parts[0]! : Buffer.concat(parts, held)).toString("utf8");
    const made = { number, offset, bytes: length, text, ended };
    offset += length + 1;
    number++;
    parts = [];
    held = 0;
    length = 0;
    return made.bytes === 0 || made.text?.trim() === "" ? undefined : made;
  };
  const add = (part: Buffer) => {
    length += part.length;
    if (length > longest) {
      parts = [];
      held = 0;
      return;
    }
    parts.push(part);
    held += part.length;
  };
  for await (const chunk of createReadStream(file, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>) {
    let from = 0;
    for (let to = chunk.indexOf(10); to >= 0; to = chunk.indexOf(10, from)) {
      add(chunk.subarray(from, to));
      from = to + 1;
      const made = line(true);
      if (made) yield made;
    }
    if (from < chunk.length) add(chunk.subarray(from));
  }
  if (length > 0) {
    const made = line(false);
    if (made) yield made;
  }
}
