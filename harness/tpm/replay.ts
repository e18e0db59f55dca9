import { bankNamed, digestIn } from "./banks.ts";
import { EventLogError } from "./cursor.ts";
import type { EventLog } from "./eventlog.ts";
import { describeEvent } from "./event-content.ts";
import { HarnessError } from "../model/errors.ts";

/** PCR values by bank name and PCR number, lower-case hex. */
export type PcrValues = Readonly<Record<string, Readonly<Record<number, string>>>>;

/** Something that was, or will be, extended into a PCR, whoever did it. */
export interface Measurement {
  readonly pcr: number;
  /** Bank name to digest in lower-case hex. */
  readonly digests: Readonly<Record<string, string>>;
  /** What it is, for people: `firmware event 12: EV_SEPARATOR`, `.cmdline contents`, `phase ready`. */
  readonly label: string;
}

/** One extension of a PCR, with the value before and after it. */
export interface ReplayStep {
  readonly measurement: Measurement;
  readonly before: string;
  readonly after: string;
}

/** What a PCR holds after its measurements, and how it got there. */
export interface PcrReplay {
  readonly pcr: number;
  readonly start: string;
  readonly value: string;
  readonly steps: readonly ReplayStep[];
}

/** Everything a firmware log says was extended, in order. EV_NO_ACTION is a remark and is left out. */
export function firmwareMeasurements(log: EventLog): Measurement[] {
  return log.events
    .filter((event) => event.typeName !== "EV_NO_ACTION")
    .map((event) => ({ pcr: event.pcr, digests: event.digests, label: `firmware event ${event.index}: ${describeEvent(event)}` }));
}

const localitySignature = "StartupLocality\0";

/**
 * The locality from which the TPM was started (0, 3 or 4), which is what PCR 0 starts with (Platform Firmware Profile, section 10.4.5.3).
 * Throws EventLogError if the log says it twice, or only after PCR 0 was extended.
 */
export function startupLocality(log: EventLog): number {
  let locality: number | undefined;
  let extended = false;
  for (const event of log.events) {
    if (event.typeName !== "EV_NO_ACTION") {
      extended ||= event.pcr === 0;
      continue;
    }
    if (Buffer.from(event.data.subarray(0, localitySignature.length)).toString("latin1") !== localitySignature) continue;
    const value = event.data[localitySignature.length];
    if (value === undefined || event.data.length !== localitySignature.length + 1) {
      throw new EventLogError(event.dataOffset, `a StartupLocality event of ${event.data.length} bytes, it has 17`);
    }
    if (extended) throw new EventLogError(event.dataOffset, "StartupLocality after PCR 0 was extended");
    if (locality !== undefined) throw new EventLogError(event.dataOffset, "a second StartupLocality event");
    if (value !== 0 && value !== 3 && value !== 4)
      throw new EventLogError(event.dataOffset, `StartupLocality ${value}, possible are 0, 3 and 4`);
    locality = value;
  }
  return locality ?? 0;
}

/** What a PCR holds after a reset of the TPM: zeros; ones in 17 to 22; the startup locality in the last byte of PCR 0 (PC Client Platform TPM Profile, table 7). */
export function pcrStart(bankName: string, pcr: number, locality = 0): string {
  const bytes = Buffer.alloc(bankNamed(bankName).size, pcr >= 17 && pcr <= 22 ? 0xff : 0);
  if (pcr === 0) bytes[bytes.length - 1] = locality;
  return bytes.toString("hex");
}

/** The value after one extension: H(value || digest). Values and digests are hex. */
export function extend(bankName: string, value: string, digest: string): string {
  return digestIn(bankNamed(bankName), Buffer.from(value, "hex"), Buffer.from(digest, "hex"));
}

/**
 * Computes what the measurements leave in each PCR they touch, step by step, in one bank.
 * Throws HarnessError for a measurement that has no digest, or one of the wrong length, in that bank.
 */
export function replay(measurements: readonly Measurement[], bankName: string, locality = 0): Map<number, PcrReplay> {
  const bank = bankNamed(bankName);
  const pcrs = new Map<number, { start: string; value: string; steps: ReplayStep[] }>();
  for (const measurement of measurements) {
    const digest = measurement.digests[bank.name];
    if (digest?.length !== bank.size * 2) {
      throw new HarnessError(
        "OSB_PCR_REPLAY",
        `${measurement.label} (PCR ${measurement.pcr}) has no ${bank.name} digest of ${bank.size} bytes`,
        {
          hint: "Replay only banks that every log has.",
        },
      );
    }
    const start = pcrStart(bank.name, measurement.pcr, locality);
    const state = pcrs.get(measurement.pcr) ?? { start, value: start, steps: [] };
    pcrs.set(measurement.pcr, state);
    const after = extend(bank.name, state.value, digest);
    state.steps.push({ measurement, before: state.value, after });
    state.value = after;
  }
  return new Map([...pcrs].map(([pcr, state]) => [pcr, { pcr, ...state }]));
}
