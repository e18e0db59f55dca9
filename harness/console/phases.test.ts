import { describe, expect, test } from "vitest";
import { phaseBegunBy } from "./phases.ts";

describe("phaseBegunBy", () => {
  test.each([
    ['BdsDxe: starting Boot0001 "UEFI Misc Device" from PciRoot(0x0)/Pci(0x3,0x0)', "loader"],
    ["EFI stub: Loaded initrd from LINUX_EFI_INITRD_MEDIA_GUID device path", "kernel"],
    ["[    0.000000] Linux version 6.12.107+deb13-cloud-amd64", "kernel"],
    ["[    0.000000][    T0] Booting Linux on physical CPU 0x0", "kernel"],
    ["[    5.709578] Run /init as init process", "initrd"],
    ["[    6.1] systemd[1]: Running in initrd.", "initrd"],
    ["[   16.1] systemd[1]: Switching root.", "userspace"],
    ["osbench login: ", "userspace"],
    ["osbench login: [   14.2] random: crng init done", "userspace"],
    ["[   88.0] reboot: Power down", "shutdown"],
  ] as const)("%s", (line, phase) => {
    expect(phaseBegunBy(line, "firmware")).toBe(phase);
  });

  test("a boot never goes back", () => {
    expect(phaseBegunBy("[    0.000000] Linux version 6.12", "userspace")).toBeUndefined();
  });

  test("an ordinary line begins nothing", () => {
    expect(phaseBegunBy("Last login: Sun Nov 22", "firmware")).toBeUndefined();
    expect(phaseBegunBy("[    3.1] systemd-journald[77]: Received client request to flush runtime journal.", "kernel")).toBeUndefined();
  });
});
