import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { predictUkiPcr11 } from "../image/uki.ts";
import { pcrBanks, type PcrBank } from "../model/target.ts";
import { parseEventLog, type EventLog } from "../tpm/eventlog.ts";
import { firmwareMeasurements, replay, startupLocality } from "../tpm/replay.ts";
import type { Machine } from "./machine.ts";
import { openMachine } from "./open.ts";

const context = inject("osbench");
let machine: Machine;
let log: EventLog;

// Firmware hashes everything once per active bank: all four at once, so that each is compared with what a real TPM did.
beforeAll(async () => {
  const { tpm } = context.target;
  if (!tpm) throw new Error("the target has no TPM");
  const target = { ...context.target, tpm: { ...tpm, banks: [...pcrBanks] } };
  machine = await openMachine({ ...context, target }, { cell: "measured-boot", signal: new AbortController().signal });
  await machine.boot();
  const { stdoutBytes } = await machine.run("cat /sys/kernel/security/tpm0/binary_bios_measurements");
  log = parseEventLog(stdoutBytes);
}, 600_000);

afterAll(() => machine[Symbol.asyncDispose]());

async function pcr(bank: PcrBank, index: number): Promise<string> {
  return (await machine.run(`cat /sys/class/tpm/tpm0/pcr-${bank}/${index}`)).stdout.trim().toLowerCase();
}

test.each(pcrBanks)("the log replays to what the TPM holds in bank %s", { timeout: 120_000 }, async (bank) => {
  const replayed = replay(firmwareMeasurements(log), bank, startupLocality(log));
  const measured = [...replayed.keys()].filter((index) => index <= 9 || index === 11 || index === 12);
  expect(measured).toEqual(expect.arrayContaining([0, 1, 4, 7, 11]));
  // The kernel of this image measures nothing itself, so every PCR the log names must be equal.
  for (const index of measured) expect(`${index} ${await pcr(bank, index)}`).toBe(`${index} ${replayed.get(index)!.value}`);
});

test("PCR 11 is what the UKI's bytes predict, in every bank", { timeout: 120_000 }, async () => {
  const uki = join(context.image.folder, context.image.manifest.versions[0]?.uki ?? "");
  for (const bank of pcrBanks) {
    const predicted = await predictUkiPcr11(uki, bank, []);
    expect(`${bank} ${await pcr(bank, 11)}`).toBe(`${bank} ${predicted.value}`);
  }
});
