import { readFileSync, readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { EventLogError } from "./cursor.ts";
import { decodeEvent, describeEvent } from "./event-content.ts";
import { parseEventLog } from "./eventlog.ts";

const folder = new URL("testdata/", import.meta.url);
const read = (name: string): Buffer => readFileSync(new URL(name, folder));
const samples = readdirSync(folder).filter((name) => name.startsWith("event-") && name.endsWith(".bin"));

interface YamlEvent {
  PCRIndex: number;
  EventType: string;
  EventSize: number;
  Digest?: string;
  Digests?: { AlgorithmId: string; Digest: string }[];
  Event?: { UnicodeName?: string; VariableName?: string; BlobBase?: number } | string;
}

/** tpm2_eventlog forgets the list dashes when it prints a log in the old form. */
function listItems(yaml: string): string {
  return yaml.includes("- EventNum:") ? yaml : yaml.replaceAll(/^ {2}PCRIndex:/gm, "- PCRIndex:");
}

describe.each(samples)("%s", (name) => {
  const log = parseEventLog(read(name));
  const yaml = parse(listItems(read(`${name}.yaml`).toString())) as { events: YamlEvent[] };

  test("has the events tpm2_eventlog finds, with type, PCR, digests and size", () => {
    const ours = log.events.map((event) => [event.pcr, event.typeName, event.data.length, event.digests]);
    const theirs = yaml.events.map((event) => [
      event.PCRIndex,
      event.EventType,
      event.EventSize,
      event.Digests ? Object.fromEntries(event.Digests.map((one) => [one.AlgorithmId, one.Digest])) : { sha1: event.Digest },
    ]);
    expect(ours).toEqual(theirs);
    expect(ours.length).toBeGreaterThan(1);
  });

  test("decodes every event's data, with the variables tpm2_eventlog names", () => {
    for (const [i, event] of log.events.entries()) {
      const content = decodeEvent(event);
      const theirs = yaml.events[i]?.Event;
      if (content.kind === "variable" && typeof theirs === "object") {
        expect([content.name, content.guid]).toEqual([theirs.UnicodeName, theirs.VariableName]);
      }
      if (content.kind === "blob" && typeof theirs === "object") expect(content.address).toBe(BigInt(theirs.BlobBase ?? -1));
    }
  });

  test("cut anywhere, it is an error or a shorter log, never other events", () => {
    const bytes = read(name);
    const borders = new Set(log.events.map((event) => event.offset));
    for (let length = 1; length < bytes.length; length += bytes.length > 3000 ? 37 : 1) {
      const cut = (): unknown => parseEventLog(bytes.subarray(0, length));
      if (borders.has(length)) expect(cut).not.toThrow();
      else expect(cut, `cut at ${length}`).toThrow(EventLogError);
    }
  });
});

test("tells what people look for in a log", () => {
  const text = (name: string): string => parseEventLog(read(name)).events.map(describeEvent).join("\n");
  expect(text("event-arch-linux.bin")).toContain(
    "EV_EFI_BOOT_SERVICES_APPLICATION PciRoot(0x0)/Pci(0x17,0x0)/Sata(0x1,0xffff,0x0)/HD(1,GPT,1a504613-19b5-4b44-a83d-d926d40daa1c,0x800,0x80000)/\\EFI\\SYSTEMD\\SYSTEMD-BOOTX64.EFI",
  );
  expect(text("event-arch-linux.bin")).toContain("EV_EFI_GPT_EVENT disk f9f4bb69-5418-46bb-9501-2d615a3edc79, 3 partitions");
  expect(text("event-arch-linux.bin")).toContain('EV_IPL "initrd=\\\\intel-ucode.img initrd=');
  expect(text("event-sd-boot-fedora37.bin")).toContain('EV_IPL " console=ttyS0 console=tty0 efi=debug "');
  expect(text("event-sd-boot-fedora37.bin")).toContain('EV_EVENT_TAG 0x8f3b22ec "Linux initrd"');
  expect(text("event-uefiaction.bin")).toContain('EV_EFI_ACTION "Calling EFI Application from Boot Option"');
  expect(text("event-gce-ubuntu-2104-log.bin")).toContain('EV_S_CRTM_VERSION "GCE Virtual Firmware v1"');
  expect(text("event-postcode.bin")).toContain("EV_POST_CODE 11005952 bytes at 0xff130000");
});

test("reads vendor data, and refuses the sample whose event size leaves it out", () => {
  const bytes = read("specid-vendordata.bin");
  expect(() => parseEventLog(bytes)).toThrow(/byte 69: vendor data needs 4 bytes, only 0 are left/);
  bytes[28] = 0x29;
  const log = parseEventLog(bytes);
  expect(Buffer.from(log.spec?.vendorData ?? []).toString("hex")).toBe("deadbeef");
  expect(log.banks).toEqual(["sha1", "sha256"]);
});

test.each([
  ["nothing", (): Buffer => Buffer.alloc(0), /byte 0: the log is empty/],
  ["zeros", (): Buffer => Buffer.alloc(256), /byte 0: zeros where an event should start/],
  [
    "text",
    (): Buffer => Buffer.from("cat: binary_bios_measurements: No such file or directory\n"),
    /byte 0: PCR index \d+, the highest is 23/,
  ],
  ["trailing zeros", (): Buffer => Buffer.concat([read("event-uefivar.bin"), Buffer.alloc(64)]), /byte 210: the event has 0 digests/],
  [
    "more digests than the header has algorithms",
    patched("event-uefivar.bin", 85, 5),
    /byte 85: the event has 5 digests, the log's header allows 1 to 4/,
  ],
  ["an algorithm the header lacks", patched("event-uefivar.bin", 89, 0x99), /byte 89: digest algorithm 0x99 is not in the log's header/],
  ["the same algorithm twice", patched("event-uefivar.bin", 111, 0x04), /byte 111: a second sha1 digest in one event/],
  ["a wrong digest size", patched("event-uefivar.bin", 62, 0x15), /byte 60: sha1 digests of 21 bytes, they have 20/],
])("refuses %s", (_, bytes, message) => {
  expect(() => parseEventLog(bytes())).toThrow(message);
});

test("malformed data inside an event is an error with its place in the log, and is said in the description", () => {
  const event = parseEventLog(patched("event-uefivar.bin", 165, 0x77)()).events[1];
  if (!event) throw new Error("the sample has two events");
  expect(() => decodeEvent(event)).toThrow(/event log, byte 181: variable name needs 238 bytes, only 21 are left/);
  expect(describeEvent(event)).toMatch(/^EV_EFI_VARIABLE_DRIVER_CONFIG malformed data: /);
});

function patched(name: string, offset: number, value: number): () => Buffer {
  return () => {
    const bytes = read(name);
    bytes[offset] = value;
    return bytes;
  };
}
