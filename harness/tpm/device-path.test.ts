import { expect, test } from "vitest";
import { Cursor, EventLogError } from "./cursor.ts";
import { devicePathText } from "./device-path.ts";

const text = (hex: string): string => devicePathText(new Cursor(Buffer.from(hex.replaceAll(" ", ""), "hex"), 1000));
const end = "7fff0400";

// The bytes are those of real logs in testdata; the texts follow the UEFI specification's spelling.
test.each([
  [`02010c00d041030a00000000 01010600001f 03120a000100ffff0000 ${end}`, "PciRoot(0x0)/Pci(0x1f,0x0)/Sata(0x1,0xffff,0x0)"],
  [`0404100078002e0065006600690000 00 ${end}`, "x.efi"],
  [`0307040 0 ${end}`, "Path(3,7,)"],
  [`01010600001f 7f010400 01010600001e ${end}`, "Pci(0x1f,0x0)/,/Pci(0x1e,0x0)"],
  [end, ""],
  ["", ""],
])("%s", (hex, expected) => {
  expect(text(hex)).toBe(expected);
});

test.each([
  ["a node without length", `010100000000 ${end}`, /byte 1000: device path node of 0 bytes, the least is 4/],
  ["a node longer than the path", "0101ff000000", /byte 1004: device path node needs 251 bytes, only 2 are left/],
  ["a node shorter than its kind", `010105001f ${end}`, /byte 1005: device needs 1 bytes, only 0 are left/],
  ["no end", "01010600001f", /byte 1006: device path without an end node/],
])("refuses %s", (_, hex, message) => {
  expect(() => text(hex)).toThrow(EventLogError);
  expect(() => text(hex)).toThrow(message);
});
