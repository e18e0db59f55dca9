import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { parseEventLog } from "./eventlog.ts";
import { readFileSync } from "node:fs";
import { extend, firmwareMeasurements, replay } from "./replay.ts";
import { parseUserspaceLog, userspaceMeasurements } from "./userspace-log.ts";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

function record(fields: object): string {
  return `\u001e${JSON.stringify(fields)}\n`;
}

/** As systemd 257 writes it. */
function phase(word: string): string {
  return record({
    pcr: 11,
    digests: [{ hashAlg: "sha256", digest: sha256(word).toUpperCase() }],
    content_type: "systemd",
    content: { string: word, bootId: "0d3f2e8c5a6b4c1d9e7f8a6b5c4d3e2f", timestamp: 4711, eventType: "phase" },
  });
}

test("reads records and what they say", () => {
  const records = parseUserspaceLog(Buffer.from(phase("enter-initrd") + phase("ready")));
  expect(records.map(({ index, pcr, eventType, text }) => [index, pcr, eventType, text])).toEqual([
    [0, 11, "phase", "enter-initrd"],
    [1, 11, "phase", "ready"],
  ]);
  expect(records[1]?.digests).toEqual({ sha256: sha256("ready") });
  expect(records[1]?.bootId).toBe("0d3f2e8c5a6b4c1d9e7f8a6b5c4d3e2f");
});

test("an empty log is no record", () => {
  expect(parseUserspaceLog(Buffer.alloc(0))).toEqual([]);
});

test("firmware and userspace log replay together, in that order", () => {
  const firmware = firmwareMeasurements(parseEventLog(readFileSync(new URL("testdata/event-sd-boot-fedora37.bin", import.meta.url))));
  const userspace = userspaceMeasurements(
    parseUserspaceLog(Buffer.from(record({ pcr: 12, digests: [{ hashAlg: "sha256", digest: sha256("more") }] }))),
  );
  const alone = replay(firmware, "sha256").get(12);
  const together = replay([...firmware, ...userspace], "sha256").get(12);
  expect(together?.value).toBe(extend("sha256", alone?.value ?? "", sha256("more")));
  expect(together?.steps.at(-1)?.measurement.label).toBe("userspace event 0: (no description)");
});

test("extensions of NV indices are kept apart from PCRs", () => {
  const records = parseUserspaceLog(Buffer.from(record({ nv_index: 30474755, digests: [{ hashAlg: "sha256", digest: sha256("x") }] })));
  expect(records).toHaveLength(1);
  expect(userspaceMeasurements(records)).toEqual([]);
});

test.each([
  ["a log without separators", "{}\n", /byte 0: a record starts with the byte 0x1e/],
  ["a record that is cut short", phase("ready").slice(0, -20), /byte 0: the record is cut short/],
  ["a later record that is no JSON", `${phase("ready")}\u001e{\n`, /byte 256: the record is no JSON/],
  [
    "a digest of the wrong length",
    record({ pcr: 11, digests: [{ hashAlg: "sha256", digest: "00" }] }),
    /a sha256 digest of 1 bytes, it has 32/,
  ],
  ["an unknown algorithm", record({ pcr: 11, digests: [{ hashAlg: "crc32", digest: "00" }] }), /there is no PCR bank "crc32"/],
  [
    "a record without PCR",
    record({ digests: [{ hashAlg: "sha256", digest: sha256("x") }] }),
    /a record extends either a `pcr` or an `nv_index`/,
  ],
  ["a PCR that does not exist", record({ pcr: 24, digests: [{ hashAlg: "sha256", digest: sha256("x") }] }), /pcr/],
])("refuses %s", (_, text, message) => {
  expect(() => parseUserspaceLog(Buffer.from(text))).toThrow(message);
});
