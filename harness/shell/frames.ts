import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { cksum } from "./cksum.ts";

/**
 * A body said three times between marks: `@MARK BODY@MARK BODY@MARK BODY@MARK!`. Gives the first one `accept` takes whose copies are the
 * same, or undefined. Nobody but the guest's agent knows the mark.
 */
export function findBody<T>(text: string, mark: string, accept: (body: string) => T | undefined): T | undefined {
  const parts = text.split(`@${mark}`);
  for (let index = 1; index + 3 < parts.length; index++) {
    const body = parts[index] as string;
    if (!body.startsWith(" ") || body !== parts[index + 1] || body !== parts[index + 2]) continue;
    const accepted = accept(body.slice(1));
    if (accepted !== undefined) return accepted;
  }
  return undefined;
}

/**
 * The body of a frame that says before it, once, what it answers: `@MARK|QUESTION|@MARK BODY@MARK BODY@MARK BODY@MARK!`. The first one `accept`
 * takes: a question whose name was damaged on its way is answered whole, under a name that nobody waits for.
 */
export function findEchoed<T>(text: string, mark: string, question: string, accept: (body: string) => T | undefined): T | undefined {
  const parts = text.split(`@${mark}`);
  for (let index = 1; index + 4 < parts.length; index++) {
    const body = parts[index + 1] as string;
    const whole = body.startsWith(" ") && body === parts[index + 2] && body === parts[index + 3] && parts[index + 4]?.startsWith("!");
    const accepted = whole && parts[index] === `|${question}|` ? accept(body.slice(1)) : undefined;
    if (accepted !== undefined) return accepted;
  }
  return undefined;
}

/** How many bodies under this mark came to their end and cannot be believed. */
export function countSpoiled(text: string, mark: string): number {
  const parts = text.split(`@${mark}`);
  const whole = (end: number) => end > 3 && parts[end - 1] === parts[end - 2] && parts[end - 1] === parts[end - 3];
  return parts.filter((part, index) => index > 0 && part.startsWith("!") && !whole(index)).length;
}

export interface Chunk {
  readonly bytes: Buffer;
  /** False when the guest has nothing to make a sum with: then only a second, equal copy is proof. */
  readonly proven: boolean;
}

/** No chunk that is asked for is longer. */
export const longestChunk = 256 << 10;

/** A chunk of a file, `@MARK:ENCODED@MARK SUM@MARK!`, with a semicolon if it is packed by gzip (its end once or more): undefined while it is still coming, "damaged" when anything is not exactly as the guest sent it. */
export function findChunk(text: string, mark: string): Chunk | "damaged" | undefined {
  const parts = text.split(`@${mark}`);
  const end = parts.findIndex((part, index) => index > 0 && part.startsWith("!"));
  if (end < 0) return undefined;
  const [encoded = "", sum] = [parts[end - 2], parts[end - 1]];
  if (end !== 3 || !/^[:;]/.test(encoded) || !sum?.startsWith(" ")) return "damaged";
  const came = decoded(encoded.slice(1));
  const bytes = came && encoded.startsWith(";") ? unpacked(came) : came;
  const proof = bytes && checks(bytes, sum.trim());
  return bytes && proof !== "wrong" ? { bytes, proven: proof === "right" } : "damaged";
}

/** base64 lines, or what `od -An -v -tx1` prints, where there is no base64. */
function decoded(text: string): Buffer | undefined {
  const hexadecimal = /^(?: [0-9a-f]{2})+\n/.test(text);
  const packed = text.replaceAll(hexadecimal ? /[ \n]/g : "\n", "");
  if (hexadecimal) return /^(?:[0-9a-f]{2})*$/.test(packed) ? Buffer.from(packed, "hex") : undefined;
  return packed.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(packed) ? Buffer.from(packed, "base64") : undefined;
}

function unpacked(bytes: Buffer): Buffer | undefined {
  try {
    return gunzipSync(bytes, { maxOutputLength: longestChunk });
  } catch {
    return undefined;
  }
}

function checks(bytes: Buffer, sum: string): "right" | "wrong" | undefined {
  if (sum === "none") return undefined;
  return sum === sumLike(bytes, sum) ? "right" : "wrong";
}

/** The sum of these bytes in the manner of the guest's: sha256sum's or cksum's line for standard input. */
export function sumLike(bytes: Uint8Array, sum: string): string {
  return /^[0-9a-f]{64}\b/.test(sum)
    ? `${createHash("sha256").update(bytes).digest("hex")}${sum.slice(64)}`
    : `${cksum(bytes)} ${bytes.length}`;
}
