import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { CellRecord } from "../../model/record.ts";
import type { Pieces } from "./pieces.ts";

/** Finds suites as they were run, to show the lines a story is about: by the file a record names, if it is still of the digest the record names. */
export class SuiteSources {
  readonly #pieces: Pieces;
  readonly #known = new Map<string, Promise<string | undefined>>();

  constructor(pieces: Pieces) {
    this.#pieces = pieces;
  }

  /** Name of the piece that holds the suite's text; undefined when the file is gone or was changed since. */
  pieceOf({ file, digest }: CellRecord["suite"]): Promise<string | undefined> {
    const hex = digest.replace(/^sha256:/, "");
    const key = `${hex}\n${file}`;
    const known = this.#known.get(key) ?? this.#find(file, hex);
    this.#known.set(key, known);
    return known;
  }

  async #find(file: string, hex: string): Promise<string | undefined> {
    if (!/^[0-9a-f]{64}$/.test(hex) || !/\.(?:yaml|yml|ts)$/.test(file)) return undefined;
    const bytes = await readFile(file).catch(() => undefined);
    if (bytes === undefined || createHash("sha256").update(bytes).digest("hex") !== hex) return undefined;
    const piece = `s-${hex.slice(0, 40)}`;
    await this.#pieces.text(piece, bytes);
    return piece;
  }
}
