import { HarnessError } from "../model/errors.ts";

/** An event log does not follow its format. `offset` is the byte of the log at which reading stopped. */
export class EventLogError extends HarnessError {
  readonly offset: number;
  constructor(offset: number, what: string) {
    super("OSB_EVENT_LOG", `event log, byte ${offset}: ${what}`, {
      hint: "Read the log again in binary; if it stays so, the firmware wrote a log that its own format forbids.",
    });
    this.offset = offset;
  }
}

/** Reads little-endian values one after the other and never past the end: that is an EventLogError with the offset in the whole log. */
export class Cursor {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #base: number;
  #position = 0;

  /** `base` is where `bytes` starts in the log, for errors. */
  constructor(bytes: Uint8Array, base = 0) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#base = base;
  }

  /** Offset of the next byte in the whole log. */
  get offset(): number {
    return this.#base + this.#position;
  }

  get remaining(): number {
    return this.#bytes.length - this.#position;
  }

  fail(what: string, at: number = this.offset): never {
    throw new EventLogError(at, what);
  }

  #advance(count: number, what: string): number {
    if (count > this.remaining) this.fail(`${what} needs ${count} bytes, only ${this.remaining} are left`);
    const start = this.#position;
    this.#position += count;
    return start;
  }

  take(count: number, what: string): Uint8Array {
    const start = this.#advance(count, what);
    return this.#bytes.subarray(start, start + count);
  }

  rest(): Uint8Array {
    return this.take(this.remaining, "rest");
  }

  u8(what: string): number {
    return this.#view.getUint8(this.#advance(1, what));
  }

  u16(what: string): number {
    return this.#view.getUint16(this.#advance(2, what), true);
  }

  u32(what: string): number {
    return this.#view.getUint32(this.#advance(4, what), true);
  }

  u64(what: string): bigint {
    return this.#view.getBigUint64(this.#advance(8, what), true);
  }

  /** A 64-bit count or length that is going to be used as a number. */
  count(what: string): number {
    const at = this.offset;
    const value = this.u64(what);
    if (value > 0xffff_ffffn) this.fail(`${what} is ${value}, which is impossible`, at);
    return Number(value);
  }

  /** An EFI_GUID in its usual spelling: the first three fields are little-endian (UEFI 2.10, appendix A). */
  guid(what: string): string {
    const b = this.take(16, what);
    const hex = (...order: number[]): string => order.map((i) => (b[i] ?? 0).toString(16).padStart(2, "0")).join("");
    return [hex(3, 2, 1, 0), hex(5, 4), hex(7, 6), hex(8, 9), hex(10, 11, 12, 13, 14, 15)].join("-");
  }
}
