import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseEventLog } from "./eventlog.ts";
import { explainPcrs, isUnmeasured } from "./explain.ts";
import { firmwareMeasurements, pcrStart, replay } from "./replay.ts";
import { phaseMeasurements, predictPcr11, ukiMeasurements, type UkiSection } from "./uki.ts";

const firmware = firmwareMeasurements(parseEventLog(readFileSync(new URL("testdata/event-sd-boot-fedora37.bin", import.meta.url))));
const replayed = replay(firmware, "sha256");
const value = (pcr: number): string => replayed.get(pcr)?.value ?? "";
const zeros = "0".repeat(64);

const section = (name: string, text: string): UkiSection => ({ name, virtualSize: text.length, contents: () => Buffer.from(text) });
const uki = (cmdline: string): UkiSection[] => [section(".linux", "kernel"), section(".cmdline", cmdline), section(".initrd", "initrd")];
const booted = (cmdline: string) => [
  ...ukiMeasurements(uki(cmdline), ["sha256"]),
  ...phaseMeasurements(["enter-initrd", "ready"], ["sha256"]),
];
const pcr11 = (cmdline: string): string => replay(booted(cmdline), "sha256").get(11)?.value ?? "";

describe("against the logs", () => {
  test("agrees with the values sysfs prints, in upper case and with a line feed", () => {
    const machine = { sha256: { 0: `${value(0).toUpperCase()}\n`, 7: value(7), 12: value(12), 13: zeros, 10: "ima's own" } };
    expect(explainPcrs({ machine, measurements: firmware })).toMatchObject({
      agrees: true,
      differences: [],
      text: "All 4 PCR values are as expected.",
    });
  });

  test.each([
    ["nothing measured", 12, zeros, "nothing was measured, though the logs hold 2 events"],
    [
      "a log that goes on",
      12,
      replayed.get(12)?.steps[0]?.after,
      'it holds what the first 1 of 2 logged events leave; "firmware event 24: EV_IPL',
    ],
    ["a PCR no log touches", 13, value(12), "no log has an event for this PCR"],
    ["another event", 12, value(0), "no prefix of the 2 logged events leads to it"],
    ["a value that is none", 12, "", "no prefix of the 2 logged events leads to it"],
  ])("explains %s", (_, pcr, machine, reason) => {
    const explanation = explainPcrs({ machine: { sha256: { [pcr]: machine ?? "" } }, measurements: firmware });
    expect(explanation.agrees).toBe(false);
    expect(explanation.differences[0]).toMatchObject({ pcr, bank: "sha256", against: "logs" });
    expect(explanation.text).toContain(reason);
  });

  test("finds the one event that was logged and not measured", () => {
    const missing = firmware.filter(({ pcr }) => pcr === 7)[2];
    const without =
      replay(
        firmware.filter((measurement) => measurement !== missing),
        "sha256",
      ).get(7)?.value ?? "";
    expect(explainPcrs({ machine: { sha256: { 7: without } }, measurements: firmware }).text).toContain(
      'without "firmware event 6: EV_EFI_VARIABLE_DRIVER_CONFIG KEK (0 bytes)", which is logged but was not measured',
    );
  });
});

describe("against a prediction", () => {
  const predictions = [{ bank: "sha256", replay: predictPcr11(uki("quiet"), "sha256", ["enter-initrd", "ready"]) }];

  test("agrees", () => {
    expect(explainPcrs({ machine: { sha256: { 11: pcr11("quiet") } }, measurements: booted("quiet"), predictions }).agrees).toBe(true);
  });

  test("names the section of the UKI that differs", () => {
    const { text, differences } = explainPcrs({ machine: { sha256: { 11: pcr11("noisy") } }, measurements: booted("noisy"), predictions });
    expect(text).toContain(`the first measurement to differ is number 4: predicted ".cmdline (the section's contents)"`);
    expect(differences.map(({ against }) => against)).toEqual(["prediction"]);
  });

  test("says how far the machine came, and what came on top", () => {
    const early = replay(booted("quiet").slice(0, -1), "sha256").get(11)?.value ?? "";
    expect(explainPcrs({ machine: { sha256: { 11: early } }, measurements: booted("quiet").slice(0, -1), predictions }).text).toContain(
      'the machine stands before "phase ready", everything up to there is as predicted',
    );
    const more = [...booted("quiet"), ...phaseMeasurements(["shutdown"], ["sha256"])];
    const late = replay(more, "sha256").get(11)?.value ?? "";
    expect(explainPcrs({ machine: { sha256: { 11: late } }, measurements: more, predictions }).text).toContain(
      'everything predicted was measured, and then "phase shutdown" as well',
    );
  });

  test("a PCR that was never measured, or was not read, does not pass", () => {
    for (const machine of [{ sha256: { 11: zeros } }, { sha256: {} }, {}]) {
      expect(explainPcrs({ machine, measurements: [], predictions }).agrees).toBe(false);
    }
  });
});

test("comparing nothing is not agreement", () => {
  expect(explainPcrs({ machine: {}, measurements: firmware })).toMatchObject({ agrees: false, text: "There was no PCR value to compare." });
});

test("tells a PCR that was never extended", () => {
  expect(isUnmeasured("sha256", 11, `${zeros}\n`)).toBe(true);
  expect(isUnmeasured("sha256", 17, "FF".repeat(32))).toBe(true);
  expect(isUnmeasured("sha256", 0, pcrStart("sha256", 0))).toBe(true);
  expect(isUnmeasured("sha256", 11, pcr11("quiet"))).toBe(false);
});
