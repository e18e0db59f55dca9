import { randomBytes } from "node:crypto";
import { closeSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/**
 * Lines by row, on disk: written in any order, read back row by row. Memory holds a few MiB of lines not yet written and
 * where the written ones stand. There is a file only once those are exceeded, in the folder for temporary ones; it is gone when it is closed.
 */
export class Spill {
  readonly #purpose: string;
  #fd: number | undefined;
  readonly #rows: { held: string[]; chunks: number[] }[] = [];
  #end = 0;
  #held = 0;

  constructor(purpose: string) {
    this.#purpose = purpose;
  }

  add(row: number, line: string): void {
    const known = (this.#rows[row] ??= { held: [], chunks: [] });
    known.held.push(line);
    this.#held += line.length;
    if (this.#held > 8 * 1024 * 1024) this.#write();
  }

  /** The lines of one row, oldest first. */
  read(row: number): string[] {
    const known = this.#rows[row];
    if (!known) return [];
    const lines: string[] = [];
    for (let at = 0; at < known.chunks.length; at += 2) {
      const bytes = Buffer.allocUnsafe(known.chunks[at + 1]!);
      let got = 0;
      while (got < bytes.length) got += readSync(this.#fd!, bytes, got, bytes.length - got, known.chunks[at]! + got);
      for (const line of bytes.toString("utf8").split("\n")) lines.push(line);
    }
    for (const line of known.held) lines.push(line);
    return lines;
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  #open(): number {
    const file = path.join(tmpdir(), `osbench-${this.#purpose}-${process.pid}-${randomBytes(6).toString("hex")}`);
    const fd = openSync(file, "wx+", 0o600);
    // Without a name from here on: a killed process leaves nothing behind.
    rmSync(file);
    return fd;
  }

  #write(): void {
    const fd = (this.#fd ??= this.#open());
    const out: Buffer[] = [];
    let size = 0;
    const flush = () => {
      const bytes = Buffer.concat(out, size);
      for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done, bytes.length - done, this.#end - bytes.length + done);
      out.length = 0;
      size = 0;
    };
    for (const known of this.#rows) {
      if (!known || known.held.length === 0) continue;
      const bytes = Buffer.from(known.held.join("\n"));
      known.chunks.push(this.#end, bytes.length);
      this.#end += bytes.length;
      known.held = [];
      out.push(bytes);
      size += bytes.length;
      if (size > 4 * 1024 * 1024) flush();
    }
    flush();
    this.#held = 0;
  }
}
