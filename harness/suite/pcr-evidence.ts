import { ClaimFailed, HarnessError, NotApplicable } from "../model/errors.ts";
import { ask } from "../os/ask.ts";
import { parseEventLog } from "../tpm/eventlog.ts";
import type { EventLog } from "../tpm/eventlog.ts";
import { normalisePcr } from "../tpm/explain.ts";
import { firmwareMeasurements, startupLocality } from "../tpm/replay.ts";
import type { Measurement, PcrValues } from "../tpm/replay.ts";
import { parseUserspaceLog, userspaceMeasurements } from "../tpm/userspace-log.ts";
import type { VerbContext } from "./verb.ts";

const firmwareLog = "/sys/kernel/security/tpm0/binary_bios_measurements";
const userspaceLog = "/run/log/systemd/tpm2-measure.log";

/** Bank, number and value of every PCR in every active bank. The kernel shows them without any tool in the image. */
const readValues = `for p in /sys/class/tpm/tpm0/pcr-*/*; do
  [ -f "$p" ] || continue
  read -r value <"$p" || exit 1
  printf '%s %s\\n' "\${p#/sys/class/tpm/tpm0/pcr-}" "$value"
done`;

/** Reads what `readValues` printed. Throws HarnessError for a line that is none. */
export function parsePcrValues(output: string): PcrValues {
  const values: Record<string, Record<number, string>> = {};
  for (const line of output.split("\n").filter((text) => text !== "")) {
    const [, bank, pcr, value] = /^([a-z0-9_]+)\/(\d+) ([0-9A-Fa-f]+)$/.exec(line) ?? [];
    if (bank === undefined) throw new HarnessError("OSB_PCR_READ", `reading the PCRs: ${JSON.stringify(line)} is no PCR value`);
    (values[bank] ??= {})[Number(pcr)] = normalisePcr(bank, value!);
  }
  return values;
}

/** Every PCR of every active bank now. Throws NotApplicable where the kernel shows no TPM 2.0. */
export async function readPcrs(context: VerbContext): Promise<PcrValues> {
  const values = parsePcrValues(await ask(context.machine, "reading the PCRs", readValues));
  if (Object.keys(values).length === 0) throw new NotApplicable("tpm2", "the kernel shows no PCRs in /sys/class/tpm/tpm0");
  await context.attach("pcrs.json", JSON.stringify(values, null, 2));
  return values;
}

/**
 * The firmware's event log. Where it is missing or empty, nobody inside the machine can tell firmware that does not measure from a system that does
 * not show what it did: throws ClaimFailed on a target that declares measured firmware, NotApplicable on any other.
 */
export async function readEventLog(context: VerbContext): Promise<EventLog> {
  const bytes = await readBinary(context, firmwareLog);
  if (bytes.length === 0) {
    const { target, declares } = context.machine.target;
    if (!declares.includes("measured-firmware"))
      throw new NotApplicable(
        "measured-firmware",
        `${firmwareLog} is missing or empty, and target ${target} does not declare that it measures`,
      );
    throw new ClaimFailed("OSB_PCR_LOG", `${firmwareLog} is missing or empty, and target ${target} declares that its firmware measures`);
  }
  await context.attach("firmware-event-log.bin", bytes);
  return parseEventLog(bytes);
}

/** What the firmware and then userspace logged, in order, with the locality PCR 0 starts from. */
export async function readMeasurements(
  context: VerbContext,
): Promise<{ readonly measurements: readonly Measurement[]; readonly locality: number }> {
  const log = await readEventLog(context);
  const userspace = await readBinary(context, userspaceLog);
  await context.attach("userspace-event-log.json-seq", userspace);
  return {
    measurements: [...firmwareMeasurements(log), ...userspaceMeasurements(parseUserspaceLog(userspace))],
    locality: startupLocality(log),
  };
}

async function readBinary(context: VerbContext, file: string): Promise<Buffer> {
  return Buffer.from(await ask(context.machine, `reading ${file}`, `if [ -e ${file} ]; then base64 -w0 <${file}; fi`, 60_000), "base64");
}
