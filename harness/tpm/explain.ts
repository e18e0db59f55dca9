import { bankNamed } from "./banks.ts";
import { extend, pcrStart, replay, type Measurement, type PcrReplay, type PcrValues } from "./replay.ts";

/** What PCR 11 (or another) should hold according to a prediction. */
export interface Prediction {
  readonly bank: string;
  readonly replay: PcrReplay;
}

export interface PcrEvidence {
  /** What the machine's TPM says: bank to PCR to hex, as /sys/class/tpm/tpm0/pcr-BANK/N reads, in any case. */
  readonly machine: PcrValues;
  /** Firmware log, then userspace log. */
  readonly measurements: readonly Measurement[];
  readonly startupLocality?: number;
  readonly predictions?: readonly Prediction[];
}

/** One PCR of one bank that does not hold what it should. */
export interface PcrDifference {
  readonly pcr: number;
  readonly bank: string;
  readonly against: "logs" | "prediction";
  readonly machine: string;
  readonly expected: string;
  /** Sentences that say what is known about the cause. */
  readonly reason: string;
}

export interface PcrExplanation {
  readonly agrees: boolean;
  readonly differences: readonly PcrDifference[];
  /** A few lines for people. */
  readonly text: string;
}

/** PCRs whose extensions stand in no log read here, so that the logs cannot contradict them. */
const unlogged: ReadonlyMap<number, string> = new Map([
  [10, "IMA keeps its own log"],
  [16, "debugging, anyone may reset it"],
  [23, "applications, anyone may reset it"],
]);

/** A PCR value as other tools and sysfs print it, in lower-case hex without prefix. Throws HarnessError for an unknown bank; a value of another length stays different from everything. */
export function normalisePcr(bankName: string, value: string): string {
  const hex = value.trim().toLowerCase().replace(/^0x/, "");
  return hex.length === bankNamed(bankName).size * 2 ? hex : `${hex || "nothing"} (not a ${bankName} value)`;
}

/** Says whether a PCR still holds what a reset leaves: nothing was ever measured into it, and a policy bound to it protects nothing. */
export function isUnmeasured(bankName: string, pcr: number, value: string): boolean {
  const hex = normalisePcr(bankName, value);
  return hex === pcrStart(bankName, pcr) || /^(0+|f+)$/.test(hex);
}

/**
 * Compares what a machine's PCRs hold with the replay of its logs, in every bank and PCR the machine gave, and with predictions.
 * PCRs 10, 16 and 23 are left out of the replay comparison, because no log read here covers them. Throws HarnessError where a log lacks a bank the machine has.
 */
export function explainPcrs(evidence: PcrEvidence): PcrExplanation {
  const differences: PcrDifference[] = [];
  let compared = 0;
  for (const [bank, values] of Object.entries(evidence.machine)) {
    const replayed = replay(evidence.measurements, bank, evidence.startupLocality);
    for (const [key, raw] of Object.entries(values)) {
      const pcr = Number(key);
      if (unlogged.has(pcr)) continue;
      compared++;
      const machine = normalisePcr(bank, raw);
      const log = replayed.get(pcr) ?? emptyReplay(bank, pcr, evidence.startupLocality);
      if (machine !== log.value) {
        differences.push({ pcr, bank, against: "logs", machine, expected: log.value, reason: whyNotLogs(bank, machine, log) });
      }
    }
  }
  for (const { bank, replay: predicted } of evidence.predictions ?? []) {
    compared++;
    const machine = normalisePcr(bank, evidence.machine[bank]?.[predicted.pcr] ?? "");
    if (machine === predicted.value) continue;
    const logged = evidence.measurements.filter(({ pcr }) => pcr === predicted.pcr);
    const reason = whyNotPredicted(bank, machine, predicted, logged);
    differences.push({ pcr: predicted.pcr, bank, against: "prediction", machine, expected: predicted.value, reason });
  }
  const nothing = compared === 0;
  return {
    agrees: differences.length === 0 && !nothing,
    differences,
    text: nothing
      ? "There was no PCR value to compare."
      : differences.length === 0
        ? `All ${compared} PCR values are as expected.`
        : differences.map(describe).join("\n"),
  };
}

function emptyReplay(bank: string, pcr: number, locality: number | undefined): PcrReplay {
  const start = pcrStart(bank, pcr, locality);
  return { pcr, start, value: start, steps: [] };
}

function describe(difference: PcrDifference): string {
  const source = difference.against === "logs" ? "its logs replay to" : "the prediction is";
  return [
    `PCR ${difference.pcr} (${difference.bank}) is not as expected: ${difference.reason}`,
    `  the machine has    ${difference.machine}`,
    `  ${source.padEnd(18)} ${difference.expected}`,
  ].join("\n");
}

function whyNotLogs(bank: string, machine: string, log: PcrReplay): string {
  if (log.steps.length === 0) return "the machine measured something, but no log has an event for this PCR.";
  const last = log.steps.length - 1;
  if (machine === log.start)
    return `nothing was measured, though the logs hold ${log.steps.length} events, first "${log.steps[0]?.measurement.label}".`;
  const reached = log.steps.findIndex((step) => step.after === machine);
  if (reached >= 0 && reached < last) {
    return `it holds what the first ${reached + 1} of ${log.steps.length} logged events leave; "${log.steps[reached + 1]?.measurement.label}" is logged but was not measured.`;
  }
  const omitted = log.steps.findIndex((_, skip) => machine === valueWithout(bank, log, skip));
  if (omitted >= 0)
    return `it holds what the logs leave without "${log.steps[omitted]?.measurement.label}", which is logged but was not measured.`;
  return `no prefix of the ${log.steps.length} logged events leads to it: an event was measured that is not logged, or a logged digest is not the measured one.`;
}

function valueWithout(bank: string, log: PcrReplay, skip: number): string {
  return log.steps.reduce((value, step, i) => (i === skip ? value : extend(bank, value, step.measurement.digests[bank] ?? "")), log.start);
}

function whyNotPredicted(bank: string, machine: string, predicted: PcrReplay, logged: readonly Measurement[]): string {
  if (isUnmeasured(bank, predicted.pcr, machine)) return "nothing was ever measured into it.";
  const reached = predicted.steps.findIndex((step) => step.after === machine);
  if (reached >= 0)
    return `the machine stands before "${predicted.steps[reached + 1]?.measurement.label}", everything up to there is as predicted.`;
  if (logged.length === 0) return "no log was there to say which measurement differs.";
  for (const [i, { measurement }] of predicted.steps.entries()) {
    const other = logged[i];
    if (!other) return `"${measurement.label}" was predicted, and the logs end after ${i} events.`;
    if (other.digests[bank] !== measurement.digests[bank]) {
      return `the first measurement to differ is number ${i + 1}: predicted "${measurement.label}", logged "${other.label}".`;
    }
  }
  const extra = logged[predicted.steps.length];
  return extra
    ? `everything predicted was measured, and then "${extra.label}" as well.`
    : "the logs agree with the prediction, so it is the logs that do not tell what was measured.";
}
