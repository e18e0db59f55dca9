import { randomBytes } from "node:crypto";

/** A word nobody can guess: `bytes` times eight random bits. */
export function secret(bytes = 9): string {
  return randomBytes(bytes).toString("base64url").replaceAll("-", "x");
}

/**
 * Text for `printf %b`: printable ASCII without the two characters that mean something on the way (backslash, and ^ between
 * fields). Given in pieces of at most `length` characters that may be put together again. Source: POSIX, printf, conversion b.
 */
export function escapedPieces(text: string | Uint8Array, length: number): string[] {
  const pieces: string[] = [];
  let piece = "";
  for (const byte of Buffer.from(text as string)) {
    const unit = escaped(byte);
    if (piece.length + unit.length > length) {
      pieces.push(piece);
      piece = "";
    }
    piece += unit;
  }
  pieces.push(piece);
  return pieces;
}

function escaped(byte: number): string {
  if (byte === 0x0a) return "\\n";
  if (byte === 0x5c) return "\\\\";
  if (byte >= 0x20 && byte < 0x7f && byte !== 0x5e) return String.fromCharCode(byte);
  return `\\0${byte.toString(8).padStart(3, "0")}`;
}
