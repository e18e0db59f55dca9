import type { FileHandle } from "node:fs/promises";
import { open } from "node:fs/promises";
import path from "node:path";
import { HarnessError } from "../../model/errors.ts";
import type { CellRecord } from "../../model/record.ts";
import { readRecordLine, recordsFile } from "../read-run.ts";
import type { RunHead } from "./run-head.ts";

const mostOpen = 32;

/** Reads single records again, by where their lines stand. Must be closed. */
export class RecordReader {
  readonly #open = new Map<string, FileHandle>();

  /** Throws HarnessError when the file was changed since it was read: records are only ever appended. */
  async read(head: RunHead, offset: number, bytes: number): Promise<CellRecord> {
    const handle = await this.#handle(path.join(head.folder, recordsFile));
    const buffer = Buffer.allocUnsafe(bytes);
    const { bytesRead } = await handle.read(buffer, 0, bytes, offset);
    const at = { file: path.join(head.given, recordsFile), line: 0 };
    const read = bytesRead === bytes ? readRecordLine(buffer.toString("utf8"), at, true) : { problem: "the file ends before it" };
    if ("record" in read) return read.record;
    throw new HarnessError("OSB_RECORDS_CHANGED", `reading ${at.file} again, ${bytes} bytes from ${offset}: ${read.problem}`, {
      hint: "The file was changed while the matrix was made; publish again once nothing writes to it.",
    });
  }

  async #handle(file: string): Promise<FileHandle> {
    const known = this.#open.get(file);
    // Moved to the end: the ones not used for longest are closed first.
    if (known) this.#open.delete(file);
    const handle = known ?? (await open(file, "r"));
    this.#open.set(file, handle);
    if (this.#open.size > mostOpen) {
      const [oldest, stale] = [...this.#open][0]!;
      this.#open.delete(oldest);
      await stale.close();
    }
    return handle;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const handle of this.#open.values()) await handle.close();
    this.#open.clear();
  }
}
