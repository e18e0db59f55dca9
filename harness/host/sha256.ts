import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";

/** A file of so many bytes or less is read at once: a stream costs more than what it brings. */
const smallBytes = 2 ** 20;

/** sha256 of a file's bytes, in hexadecimal; a large one is streamed. */
export async function sha256File(file: string): Promise<string> {
  const { size } = await stat(file);
  // What has no size of its own (proc(5)) may still be long.
  if (size > 0 && size <= smallBytes) return sha256(await readFile(file));
  const hash = createHash("sha256");
  await pipeline(createReadStream(file, { highWaterMark: 2 ** 20 }), hash);
  return hash.digest("hex");
}

/** sha256 of a text (as UTF-8) or bytes, in hexadecimal. */
export function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
