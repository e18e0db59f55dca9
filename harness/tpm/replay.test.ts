import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseEventLog } from "./eventlog.ts";
import { firmwareMeasurements, pcrStart, replay, startupLocality } from "./replay.ts";

const folder = new URL("testdata/", import.meta.url);
const read = (name: string): Buffer => readFileSync(new URL(name, folder));
const samples = readdirSync(folder).filter((name) => name.startsWith("event-") && name.endsWith(".bin"));

/** The `pcrs:` block tpm2_eventlog ends with; read as text because YAML would take 0x… for a number. */
function pcrsOf(name: string): Record<string, Record<number, string>> {
  const pcrs: Record<string, Record<number, string>> = {};
  let bank: Record<number, string> = {};
  for (const line of read(`${name}.yaml`)
    .toString()
    .split(/^pcrs:$/m)[1]
    ?.split("\n") ?? []) {
    const heading = /^ {2}(\w+):$/.exec(line);
    if (heading?.[1]) bank = pcrs[heading[1]] = {};
    const value = /^ {4}(\d+)\s*: 0x([0-9a-f]+)$/.exec(line);
    if (value?.[1] && value[2]) bank[Number(value[1])] = value[2];
  }
  return pcrs;
}

function replayed(bytes: Uint8Array, bank: string): Record<number, string> {
  const log = parseEventLog(bytes);
  return Object.fromEntries([...replay(firmwareMeasurements(log), bank, startupLocality(log))].map(([pcr, { value }]) => [pcr, value]));
}

describe.each(samples)("%s", (name) => {
  const expected = pcrsOf(name);

  test.each(Object.keys(expected))("replays to the values of tpm2_eventlog in bank %s", (bank) => {
    expect(Object.keys(expected[bank] ?? {}).length).toBeGreaterThan(0);
    expect(replayed(read(name), bank)).toEqual(expected[bank]);
  });

  test("has exactly those banks", () => {
    expect(parseEventLog(read(name)).banks).toEqual(Object.keys(expected));
  });

  test("one flipped bit in a digest changes that PCR and no other", () => {
    const bytes = read(name);
    const event = parseEventLog(bytes).events.findLast((candidate) => candidate.typeName !== "EV_NO_ACTION");
    if (!event) throw new Error("the sample has no measurement");
    const digestAt = bytes.indexOf(Buffer.from(Object.values(event.digests)[0] ?? "", "hex"), event.offset);
    bytes[digestAt] = (bytes[digestAt] ?? 0) ^ 1;
    const bank = Object.keys(event.digests)[0] ?? "";
    const values = replayed(bytes, bank);
    expect(values[event.pcr]).not.toBe(expected[bank]?.[event.pcr]);
    expect({ ...values, [event.pcr]: "" }).toEqual({ ...expected[bank], [event.pcr]: "" });
  });
});

test("every step leads from the start to the value", () => {
  const log = parseEventLog(read("event-sd-boot-fedora37.bin"));
  const pcr12 = replay(firmwareMeasurements(log), "sha256").get(12);
  expect(pcr12?.steps.map((step) => step.measurement.label)).toEqual([
    'firmware event 23: EV_IPL " console=ttyS0 console=tty0 efi=debug "',
    'firmware event 24: EV_IPL " console=ttyS0 console=tty0 efi=debug "',
  ]);
  expect(pcr12?.steps[0]?.before).toBe("0".repeat(64));
  expect(pcr12?.steps[1]?.before).toBe(pcr12?.steps[0]?.after);
  expect(pcr12?.steps[1]?.after).toBe(pcr12?.value);
});

test("PCRs start with zeros, 17 to 22 with ones, PCR 0 with the startup locality", () => {
  expect([pcrStart("sha1", 16), pcrStart("sha1", 17), pcrStart("sha1", 22), pcrStart("sha1", 23)]).toEqual(
    ["0", "f", "f", "0"].map((digit) => digit.repeat(40)),
  );
  expect(pcrStart("sha256", 0, 3)).toBe(`${"0".repeat(63)}3`);
  expect(pcrStart("sha256", 1, 3)).toBe("0".repeat(64));
});

/** A crypto-agile event with one digest for each of sha1, sha256, sha384 (the banks of the GCE sample). */
function agileEvent(pcr: number, type: number, fill: number, data: Buffer): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt32LE(pcr, 0);
  head.writeUInt32LE(type, 4);
  head.writeUInt32LE(3, 8);
  const digests = [
    [4, 20],
    [0xb, 32],
    [0xc, 48],
  ].map(([id = 0, size = 0]) => Buffer.concat([Buffer.from([id, 0]), Buffer.alloc(size, fill)]));
  const size = Buffer.alloc(4);
  size.writeUInt32LE(data.length);
  return Buffer.concat([head, ...digests, size, data]);
}

describe("StartupLocality", () => {
  const header = read("event-gce-ubuntu-2104-log.bin").subarray(0, 32 + 41);
  const remark = (locality: number): Buffer => agileEvent(0, 3, 0, Buffer.from(`StartupLocality\0${String.fromCharCode(locality)}`));
  const measured = agileEvent(0, 8, 0xaa, Buffer.from("version"));

  test("sets the start of PCR 0 and is itself not extended", () => {
    const start = Buffer.alloc(32);
    start[31] = 3;
    const byHand = createHash("sha256").update(start).update(Buffer.alloc(32, 0xaa)).digest("hex");
    expect(replayed(Buffer.concat([header, remark(3), measured]), "sha256")).toEqual({ 0: byHand });
  });

  test("is refused after a measurement, twice, or with an impossible value", () => {
    expect(() => replayed(Buffer.concat([header, measured, remark(3)]), "sha256")).toThrow(/StartupLocality after PCR 0 was extended/);
    expect(() => replayed(Buffer.concat([header, remark(3), remark(3)]), "sha256")).toThrow(/a second StartupLocality event/);
    expect(() => replayed(Buffer.concat([header, remark(7)]), "sha256")).toThrow(/StartupLocality 7/);
  });
});

test("a bank the log does not have is an error, not an empty replay", () => {
  expect(() => replayed(read("event-uefi-sha1-log.bin"), "sha256")).toThrow(/has no sha256 digest/);
});
