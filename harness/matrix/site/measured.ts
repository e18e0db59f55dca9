import { HarnessError } from "../../model/errors.ts";
import type { EventLog } from "../../tpm/eventlog.ts";
import { parseEventLog } from "../../tpm/eventlog.ts";
import { explainPcrs, isUnmeasured, normalisePcr } from "../../tpm/explain.ts";
import type { Measurement, PcrValues } from "../../tpm/replay.ts";
import { firmwareMeasurements, replay, startupLocality } from "../../tpm/replay.ts";
import { parseUserspaceLog, userspaceMeasurements } from "../../tpm/userspace-log.ts";
import type { MatrixEvidence } from "../document.ts";
import { bytesOf } from "./embed-evidence.ts";
import type { Measured, MeasuredBank } from "./site-data.ts";

const largest = 4 * 1024 * 1024;

/**
 * What a cell's evidence says was measured: the last PCR values against the last logs, and what the values were before.
 * Undefined when the cell kept no PCR values. Throws Error when they cannot be read.
 */
export async function measuredIn(evidence: readonly MatrixEvidence[], runFolder: string): Promise<Measured | undefined> {
  const named = (ending: string) => evidence.filter((entry) => entry.name.endsWith(ending) && entry.bytes <= largest);
  const snapshots = named("-pcrs.json");
  if (snapshots.length === 0) return undefined;
  const notes: string[] = [];
  const read = async (entry: MatrixEvidence | undefined): Promise<Buffer | undefined> => {
    if (!entry) return undefined;
    const bytes = await bytesOf(entry, runFolder);
    if (typeof bytes !== "string") return bytes;
    notes.push(`${entry.name}: ${bytes}`);
    return undefined;
  };
  const values: PcrValues[] = [];
  for (const entry of snapshots) {
    const bytes = await read(entry);
    if (bytes) values.push(JSON.parse(bytes.toString("utf8")) as PcrValues);
  }
  const last = values.at(-1);
  if (!last) throw new Error(notes.join("; "));
  const measurements: Measurement[] = [];
  let log: EventLog | undefined;
  const firmware = await read(named("-firmware-event-log.bin").at(-1));
  if (firmware) log = attempt(notes, "the firmware's event log", () => parseEventLog(firmware));
  if (log) measurements.push(...firmwareMeasurements(log));
  else notes.push("there is no event log of the firmware to hold the values against");
  const userspace = await read(named("-userspace-event-log.json-seq").at(-1));
  if (userspace)
    measurements.push(...(attempt(notes, "userspace's event log", () => userspaceMeasurements(parseUserspaceLog(userspace))) ?? []));
  const locality = log ? startupLocality(log) : 0;
  const explanation = log
    ? attempt(notes, "holding the values against the logs", () => explainPcrs({ machine: last, measurements, startupLocality: locality }))
    : undefined;
  const banks = Object.keys(last).map((bank) => bankOf(bank, values, log ? measurements : [], locality));
  return {
    banks,
    explanation: explanation?.text ?? "",
    agrees: explanation?.agrees ?? false,
    snapshots: values.length,
    notes,
  };
}

function bankOf(bank: string, values: readonly PcrValues[], measurements: readonly Measurement[], locality: number): MeasuredBank {
  const last = values.at(-1)![bank] ?? {};
  let replayed: ReturnType<typeof replay> = new Map();
  try {
    replayed = replay(measurements, bank, locality);
  } catch {
    // A log without this bank: its values stand alone.
  }
  const pcrs = Object.entries(last).map(([key, raw]) => {
    const pcr = Number(key);
    const value = normalisePcr(bank, raw);
    const log = replayed.get(pcr);
    const earlier = values.slice(0, -1).flatMap((snapshot) => snapshot[bank]?.[pcr] ?? []);
    const before = [...new Set(earlier.map((each) => normalisePcr(bank, each)))].filter((each) => each !== value);
    const events = (log?.steps ?? []).map(({ measurement, after }) => ({
      what: measurement.label,
      digest: measurement.digests[bank] ?? "",
      after,
    }));
    return { pcr, value, ...(log && { replayed: log.value }), before, events };
  });
  return { bank, pcrs: pcrs.filter(({ pcr, value, events }) => events.length > 0 || !isUnmeasured(bank, pcr, value)) };
}

function attempt<T>(notes: string[], what: string, work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof HarnessError)) throw error;
    notes.push(`${what}: ${error.message}`);
    return undefined;
  }
}
