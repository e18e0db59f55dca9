import { constants, openSync } from "node:fs";
import { rm } from "node:fs/promises";
import { Socket } from "node:net";
import { Duplex } from "node:stream";
import { execa } from "../host/execa.ts";
import { HarnessError } from "../model/errors.ts";

/**
 * Two FIFOs as one line, as QEMU's chardev `pipe` wants them: PATH.out carries what the guest says, PATH.in what it is told.
 *
 * A unix socket holds some 277 writes of one byte, which is how a serial port writes; a guest's kernel waits 10 ms for room and then
 * writes over what it said before. A FIFO holds 64 KiB however it was written (pipe(7)), which outlasts any pause of this process.
 */
export class FifoLine implements AsyncDisposable {
  readonly path: string;
  #line: Duplex | undefined;

  private constructor(path: string) {
    this.path = path;
  }

  static async open(path: string): Promise<FifoLine> {
    const files = [`${path}.in`, `${path}.out`];
    for (const file of files) await rm(file, { force: true });
    const made = await execa("mkfifo", ["-m", "600", ...files], { reject: false });
    if (made.failed) throw new HarnessError("OSB_FIFO", `making the serial line's FIFOs failed: ${made.stderr || made.message}`);
    return new FifoLine(path);
  }

  /** The host's end for one power cycle, paused until somebody reads it; it ends when QEMU does. What an earlier cycle left unread is gone. */
  connect(): Duplex {
    this.#line?.destroy();
    // Readable before there is a writer, and no end until there was one (fifo(7)); a FIFO opened both ways never waits for its reader.
    const heard = new Socket({ fd: openNow(`${this.path}.out`, constants.O_RDONLY), readable: true, writable: false });
    const said = new Socket({ fd: openNow(`${this.path}.in`, constants.O_RDWR), readable: false, writable: true });
    this.#line = new TwoWay(heard, said);
    return this.#line;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#line?.destroy();
  }
}

/** A stream to read and one to write as one, which ends with the first. */
class TwoWay extends Duplex {
  readonly #heard: Socket;
  readonly #said: Socket;

  constructor(heard: Socket, said: Socket) {
    super();
    this.#heard = heard;
    this.#said = said;
    heard.on("data", (chunk: Buffer) => this.push(chunk) || heard.pause());
    heard.once("end", () => this.push(null));
    heard.once("close", () => this.destroy());
    for (const stream of [heard, said, this]) stream.on("error", () => {});
  }

  override _read(): void {
    this.#heard.resume();
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#said.write(chunk, done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#heard.destroy();
    this.#said.destroy();
    done(error);
  }
}

function openNow(file: string, flags: number): number {
  return openSync(file, flags | constants.O_NONBLOCK);
}
