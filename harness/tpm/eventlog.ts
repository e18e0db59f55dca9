import { bankOfAlgorithm } from "./banks.ts";
import { Cursor } from "./cursor.ts";
import { eventTypeName } from "./event-types.ts";

/** One measurement (or, for EV_NO_ACTION, one remark) as the firmware logged it. */
export interface LogEvent {
  /** Position in the log, from 0; the Spec ID event counts. */
  readonly index: number;
  /** Byte of the log at which the event starts. */
  readonly offset: number;
  readonly pcr: number;
  readonly type: number;
  /** EV_ name of `type`, or the number in hex. */
  readonly typeName: string;
  /** Bank name to digest in lower-case hex. */
  readonly digests: Readonly<Record<string, string>>;
  readonly data: Uint8Array;
  /** Byte of the log at which `data` starts. */
  readonly dataOffset: number;
}

/** What the Spec ID event of a crypto-agile log says about the log. */
export interface SpecId {
  readonly version: string;
  readonly errata: number;
  readonly platformClass: number;
  readonly vendorData: Uint8Array;
}

export interface EventLog {
  readonly format: "sha1" | "crypto-agile";
  readonly spec: SpecId | undefined;
  /** Banks every event has a digest for, in the log's order: some firmware announces more banks than it keeps. */
  readonly banks: readonly string[];
  readonly events: readonly LogEvent[];
}

/** A digest algorithm of a log: bank name, or `alg-0x…` where unknown. */
interface LogAlgorithm {
  readonly id: number;
  readonly name: string;
  readonly size: number;
}

const noAction = 0x3;
const highestPcr = 23;
const specIdSignature = "Spec ID Event03\0";

/**
 * Reads an event log as /sys/kernel/security/tpm0/binary_bios_measurements gives it, in the crypto-agile form or in the older form
 * that has SHA-1 only (TCG PC Client Platform Firmware Profile 1.06, sections 10.2 and 10.4.5.1).
 * Throws EventLogError with the byte offset for anything truncated or malformed; it never skips what it does not understand.
 */
export function parseEventLog(bytes: Uint8Array): EventLog {
  const cursor = new Cursor(bytes);
  if (bytes.length === 0) cursor.fail("the log is empty");
  const first = readSha1Event(cursor, 0);
  const header = first.type === noAction && startsWith(first.data, specIdSignature) ? readSpecId(first) : undefined;
  const events = [first];
  while (cursor.remaining > 0) {
    events.push(header ? readAgileEvent(cursor, events.length, header.algorithms) : readSha1Event(cursor, events.length));
  }
  return {
    format: header ? "crypto-agile" : "sha1",
    spec: header?.spec,
    banks: header
      ? header.algorithms.map(({ name }) => name).filter((name) => events.slice(1).every((event) => name in event.digests))
      : ["sha1"],
    events,
  };
}

/** TCG_PCR_EVENT: the form of every event of an old log, and of the first event of any log. */
function readSha1Event(cursor: Cursor, index: number): LogEvent {
  const offset = cursor.offset;
  const { pcr, type } = readHead(cursor);
  const digest = cursor.take(20, "SHA-1 digest");
  if (type === 0 && digest.every((byte) => byte === 0)) cursor.fail("zeros where an event should start", offset);
  return { index, offset, pcr, type, typeName: eventTypeName(type), digests: { sha1: hex(digest) }, ...readData(cursor) };
}

/** TCG_PCR_EVENT2. */
function readAgileEvent(cursor: Cursor, index: number, algorithms: readonly LogAlgorithm[]): LogEvent {
  const offset = cursor.offset;
  const { pcr, type } = readHead(cursor);
  const countAt = cursor.offset;
  const count = cursor.u32("digest count");
  if (count === 0 || count > algorithms.length) {
    cursor.fail(`the event has ${count} digests, the log's header allows 1 to ${algorithms.length}`, countAt);
  }
  const digests: Record<string, string> = {};
  for (let i = 0; i < count; i++) {
    const at = cursor.offset;
    const id = cursor.u16("digest algorithm");
    const algorithm = algorithms.find((candidate) => candidate.id === id);
    if (!algorithm) cursor.fail(`digest algorithm 0x${id.toString(16)} is not in the log's header`, at);
    if (algorithm.name in digests) cursor.fail(`a second ${algorithm.name} digest in one event`, at);
    digests[algorithm.name] = hex(cursor.take(algorithm.size, `${algorithm.name} digest`));
  }
  return { index, offset, pcr, type, typeName: eventTypeName(type), digests, ...readData(cursor) };
}

function readHead(cursor: Cursor): { pcr: number; type: number } {
  const at = cursor.offset;
  const pcr = cursor.u32("PCR index");
  const type = cursor.u32("event type");
  if (pcr > highestPcr && !(type === noAction && pcr === 0xffffffff)) cursor.fail(`PCR index ${pcr}, the highest is ${highestPcr}`, at);
  return { pcr, type };
}

function readData(cursor: Cursor): { data: Uint8Array; dataOffset: number } {
  const size = cursor.u32("event size");
  const dataOffset = cursor.offset;
  return { data: cursor.take(size, "event data"), dataOffset };
}

/** TCG_EfiSpecIDEvent (section 10.4.5.1). */
function readSpecId(event: LogEvent): { spec: SpecId; algorithms: LogAlgorithm[] } {
  const cursor = new Cursor(event.data, event.dataOffset);
  cursor.take(specIdSignature.length, "signature");
  const platformClass = cursor.u32("platform class");
  const minor = cursor.u8("minor version");
  const major = cursor.u8("major version");
  const errata = cursor.u8("errata");
  cursor.u8("size of UINTN");
  const countAt = cursor.offset;
  const count = cursor.u32("number of algorithms");
  if (count === 0) cursor.fail("the header names no digest algorithm", countAt);
  const algorithms: LogAlgorithm[] = [];
  for (let i = 0; i < count; i++) {
    const at = cursor.offset;
    const id = cursor.u16("algorithm");
    const size = cursor.u16("digest size");
    const bank = bankOfAlgorithm(id);
    if (bank && bank.size !== size) cursor.fail(`${bank.name} digests of ${size} bytes, they have ${bank.size}`, at);
    if (algorithms.some((known) => known.id === id)) cursor.fail(`algorithm 0x${id.toString(16)} is named twice`, at);
    algorithms.push({ id, size, name: bank?.name ?? `alg-0x${id.toString(16)}` });
  }
  const vendorData = cursor.take(cursor.u8("size of vendor data"), "vendor data");
  if (cursor.remaining > 0) cursor.fail(`${cursor.remaining} bytes after the vendor data`);
  return { spec: { version: `${major}.${minor}`, errata, platformClass, vendorData }, algorithms };
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  return bytes.length >= text.length && Buffer.from(bytes.subarray(0, text.length)).toString("latin1") === text;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
