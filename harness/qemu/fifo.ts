import { constants, openSync, readSync } from "node:fs";
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
  #line: TwoWay | undefined;

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
    const fd = openNow(`${this.path}.out`, constants.O_RDONLY);
    const heard = new Socket({ fd, readable: true, writable: false });
    const said = new Socket({ fd: openNow(`${this.path}.in`, constants.O_RDWR), readable: false, writable: true });
    this.#line = new TwoWay(heard, fd, said);
    return this.#line;
  }

  /** Passes on at once all the guest has said: what else is heard of the guest now came after it. */
  drain(): void {
    this.#line?.drain();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#line?.destroy();
  }
}

/** A stream to read and one to write as one, which ends with the first. */
class TwoWay extends Duplex {
  readonly #heard: Socket;
  readonly #fd: number;
  readonly #said: Socket;

  constructor(heard: Socket, fd: number, said: Socket) {
    super();
    this.#heard = heard;
    this.#fd = fd;
    this.#said = said;
    heard.on("data", (chunk: Buffer) => this.push(chunk) || heard.pause());
    heard.once("end", () => this.push(null));
    heard.once("close", () => this.destroy());
    for (const stream of [heard, said, this]) stream.on("error", () => {});
  }

  drain(): void {
    // Its number may be another file's by now.
    if (this.#heard.destroyed) return;
    // Reading what it holds back tells it as data.
    while (this.#heard.read() !== null);
    const chunk = Buffer.allocUnsafe(64 * 1024);
    for (let length = this.#readNow(chunk); length > 0; length = this.#readNow(chunk)) this.push(Buffer.from(chunk.subarray(0, length)));
  }

  #readNow(chunk: Buffer): number {
    try {
      return readSync(this.#fd, chunk);
    } catch {
      // Nothing more is there; what else there may be, the socket meets itself.
      return 0;
    }
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
