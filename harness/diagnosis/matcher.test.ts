import { describe, expect, test } from "vitest";
import { Matcher, type Hit } from "./matcher.ts";
import { loadSignatures } from "./signature.ts";

const signatures = await loadSignatures();

/** Real lines, as consoles print them, by the signature that must name them. */
const lines: Record<string, string> = {
  "firmware-refused": 'BdsDxe: failed to load Boot0001 "UEFI Misc Device" from PciRoot(0x0)/Pci(0x3,0x0): Access Denied',
  "firmware-nothing-to-boot": "BdsDxe: No bootable option or device was found.",
  "uefi-shell": "UEFI Interactive Shell v2.2",
  "firmware-network-boot": ">>Start PXE over IPv4.",
  "efi-stub-error": "EFI stub: ERROR: Failed to decompress kernel",
  "grub-rescue": "grub rescue> ",
  "root-unknown": "[    1.912309] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)",
  "init-killed": "[    2.137] Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000100",
  "out-of-memory-panic": "[    3.1] Kernel panic - not syncing: System is deadlocked on memory",
  "kernel-panic": "[   11.2] Kernel panic - not syncing: Fatal exception in interrupt",
  "emergency-mode": 'You are in emergency mode. After logging in, type "journalctl -xb" to view',
  "dracut-shell": "dracut:/# ",
  "device-timeout": "[ TIME ] Timed out waiting for device /dev/disk/by-partlabel/osb_1.",
  "first-boot-wizard": "-- Press any key to proceed --",
  freezing: "[    4.2] systemd[1]: Freezing execution.",
};

function hits(...fed: [string, number, boolean][]): Hit[] {
  const seen: Hit[] = [];
  const matcher = new Matcher(signatures, (hit) => seen.push(hit));
  for (const line of fed) matcher.line(...line);
  return seen;
}

describe("signatures", () => {
  test.each(signatures.map(({ id }) => id))("%s names its line", (id) => {
    const line = lines[id];
    expect(line, `a real line for ${id}`).toBeDefined();
    expect(hits([line as string, 0, true]).map(({ signature }) => signature.id)).toEqual([id]);
  });

  test("an ordinary line means nothing", () => {
    expect(hits(["[  OK  ] Reached target multi-user.target - Multi-User System.", 0, true])).toEqual([]);
  });
});

describe("Matcher", () => {
  test("tells a growing line once", () => {
    expect(hits(["grub rescue>", 40, false], ["grub rescue> ", 40, false], ["grub rescue> ls", 40, true])).toHaveLength(1);
  });
});
