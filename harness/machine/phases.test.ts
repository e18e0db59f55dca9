import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { Transcript } from "../console/transcript.ts";
import { before, type Phase } from "../model/phase.ts";
import { PhaseReader } from "../diagnosis/phases.ts";

/** The phases a console shows, from the given one on, read in pieces of a size. */
function phasesOf(bytes: Uint8Array, from: Phase = "firmware", size = bytes.length): Phase[] {
  const seen: Phase[] = [];
  let now = from;
  const reader = new PhaseReader(
    () => now,
    (phase) => seen.push((now = phase)),
  );
  const transcript = new Transcript();
  transcript.read(reader);
  for (let at = 0; at < bytes.length; at += size) transcript.feed(bytes.subarray(at, at + size));
  return seen;
}

const read = (line: string, from: Phase = "firmware") => phasesOf(Buffer.from(line), from, 1);

describe("PhaseReader", () => {
  test.each([
    ['BdsDxe: starting Boot0001 "UEFI Misc Device" from PciRoot(0x0)/Pci(0x3,0x0)', "loader"],
    ["Booting from Hard Disk...", "loader"],
    ["                 GNU GRUB  version 2.12-9", "loader"],
    ["Welcome to GRUB!", "loader"],
    ["Press ESCAPE within 5 seconds for boot options          osbench debian-ab 1            Reboot Into Firmware Interface", "loader"],
    ["EFI stub: Loaded initrd from LINUX_EFI_INITRD_MEDIA_GUID device path", "kernel"],
    ["Starting kernel ...", "kernel"],
    ["[    0.000000] Linux version 6.12.107+deb13-cloud-amd64", "kernel"],
    ["[    0.000000][    T0] Booting Linux on physical CPU 0x0", "kernel"],
    ["[    5.709578] Run /init as init process", "initrd"],
    ["[    5.709578] Run /sbin/init as init process", "userspace"],
    ["[    6.1] systemd[1]: Running in initrd.", "initrd"],
    ["Booting initrd of \u001b[0;1;31mDebian GNU/Linux 13 (trixie)\u001b[0m!", "initrd"],
    ["Welcome to \u001b[0;34mFedora Linux 42 (Server) dracut-105 (Initramfs)\u001b[0m!", "initrd"],
    ["Loading, please wait...", "initrd"],
    ["Welcome to \u001b[0;1;31mDebian GNU/Linux 13 (trixie)\u001b[0m!", "userspace"],
    ["[   16.1] systemd[1]: Switching root.", "userspace"],
    ["[\u001b[0;32m  OK  \u001b[0m] Reached target \u001b[0;1;39minitrd-switch-root.target\u001b[0m - Switch Root.", "userspace"],
    ["[  OK  ] Reached target Switch Root.", "userspace"],
    ["osbench login: ", "userspace"],
    ["osbench login: [   14.2] random: crng init done", "userspace"],
    ["[  OK  ] Reached target umount.target - Unmount All Filesystems.", "shutdown"],
    ["[  OK  ] Reached target System Shutdown.", "shutdown"],
    ["[   88.0] reboot: Power down", "shutdown"],
  ] as const)("%s", (line, phase) => {
    expect(read(line)).toEqual([phase]);
  });

  test("a boot never goes back", () => {
    expect(read("[    0.000000] Linux version 6.12", "userspace")).toEqual([]);
  });

  test.each([
    "Last login: Sun Nov 22 03:20:11 UTC 2026 on ttyS0",
    "[    3.1] systemd-journald[77]: Received client request to flush runtime journal.",
    'BdsDxe: loading Boot0001 "UEFI Misc Device"',
    'BdsDxe: starting Boot0003 "EFI Internal Shell" from Fv(7CB8BDC9-F8EB-4F34-AAEA-3EE4AF6516A1)',
    "echo Run /init as init process",
  ])("begins nothing: %s", (line) => {
    expect(read(line)).toEqual([]);
  });

  test("a kernel that is told to be quiet shows what its init says, and nothing shows what neither says", () => {
    const console_ = [
      'BdsDxe: starting Boot0001 "x"',
      "Booting initrd of Debian GNU/Linux 13 (trixie)!",
      "Welcome to Debian GNU/Linux 13 (trixie)!",
    ];
    expect(read(console_.join("\r\n"))).toEqual(["loader", "initrd", "userspace"]);
    expect(read('BdsDxe: starting Boot0001 "x"\r\n\r\nDebian GNU/Linux 13 tiny ttyS0\r\n\r\ntiny login: ')).toEqual([
      "loader",
      "userspace",
    ]);
  });

  test.each([
    ["tiny.raw.gz", ["loader", "kernel", "initrd", "userspace", "shutdown"]],
    ["debian-ab.raw.gz", ["loader", "kernel", "initrd", "userspace"]],
  ] as const)("a recorded boot passes its phases in order: %s", (name, phases) => {
    const bytes = gunzipSync(readFileSync(join(import.meta.dirname, "../diagnosis/testdata", name)));
    for (const size of [1, 7, 4096]) expect(phasesOf(bytes, "firmware", size)).toEqual(phases);
  });

  test("never goes back nor stops on any text", () => {
    const order: Phase[] = phasesOf(Buffer.from("x login: \nreboot: Power down\nBdsDxe: starting Boot\n"));
    expect(order.every((phase, index) => index === 0 || before(order[index - 1] as Phase, phase))).toBe(true);
  });
});
