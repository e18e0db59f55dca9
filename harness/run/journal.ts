import { closeSync, fstatSync, fsyncSync, mkdirSync, openSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";
import { record, type CellRecord } from "../model/record.ts";

export const recordsFile = "records.jsonl";

/**
 * The records of one run on disk: one JSON line a cell, on the disk (fsync) before `append` returns, so that a run killed at any moment
 * has lost at most the cell in flight. A line that a killed writer left half done is closed by a newline first, never glued to the next.
 */
export class Journal {
  readonly file: string;
  readonly #descriptor: number;

  constructor(runFolder: string) {
    mkdirSync(runFolder, { recursive: true });
    this.file = join(runFolder, recordsFile);
    this.#descriptor = openSync(this.file, "a+", 0o644);
    const { size } = fstatSync(this.#descriptor);
    const last = Buffer.alloc(1);
    if (size > 0 && readSync(this.#descriptor, last, 0, 1, size - 1) === 1 && last[0] !== 0x0a) this.#write("\n");
    syncFolder(runFolder);
  }

  /** Throws ZodError for what is no record: a reader must never meet one. */
  append(cell: CellRecord): void {
    this.#write(`${JSON.stringify(record.parse(cell))}\n`);
    fsyncSync(this.#descriptor);
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #write(text: string): void {
    const bytes = Buffer.from(text);
    for (let done = 0; done < bytes.length;) done += writeSync(this.#descriptor, bytes, done);
  }
}

/** A new file is only found again after a crash of the host once its folder is synced too (fsync(2)). */
function syncFolder(folder: string): void {
  const descriptor = openSync(folder, "r");
  fsyncSync(descriptor);
  closeSync(descriptor);
}
