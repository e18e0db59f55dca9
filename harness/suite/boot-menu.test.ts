import { expect, test } from "vitest";
import { readStatus } from "./boot-menu.ts";

const prompt = "\r\n─── Press any key to continue, ESC or q to quit. ───\r\n\r\n";
/** As systemd-boot 257 says it on a serial line, shortened. */
const pages = [
  "  console mode: 1/2 (80x50 @0x0)\r\n",
  "      timeout (config): menu-force\r\n",
  "    boot entry: 1/3\r\n            id: osb_2.efi\r\n         title: osbench debian-ab 2\r\n       version: 2\r\ncounting boots: yes\r\n         tries: 2 left, 1 done\r\n  current path: \\EFI\\Linux\\osb_2+2-1.efi\r\n",
  "    boot entry: 2/3\r\n            id: osb_1.efi\r\n         title: osbench debian-ab 1\r\n       version: 1\r\ncounting boots: no\r\n",
  "    boot entry: 3/3\r\n            id: auto-reboot-to-firmware-setup\r\n         title: Reboot Into Firmware Interface\r\ncounting boots: no\r\n",
];
const shown = (count: number) =>
  pages
    .slice(0, count)
    .map((page) => page + prompt)
    .join("");

test("the status pages of a boot menu are read as far as they were turned", () => {
  expect(readStatus(shown(2))).toEqual({ entries: [], total: undefined });
  // Of a page whose end has not come yet, nothing is known.
  expect(readStatus(shown(2) + pages[2]!.slice(0, 90))).toEqual({ entries: [], total: undefined });
  expect(readStatus(shown(3))).toEqual({ entries: [{ title: "osbench debian-ab 2", version: "2", tries: "2-1" }], total: 3 });
  expect(readStatus(shown(5))).toEqual({
    entries: [
      { title: "osbench debian-ab 2", version: "2", tries: "2-1" },
      { title: "osbench debian-ab 1", version: "1", tries: undefined },
      { title: "Reboot Into Firmware Interface", version: undefined, tries: undefined },
    ],
    total: 3,
  });
});
