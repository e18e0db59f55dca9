import { before, type Phase } from "../model/phase.ts";

interface PhaseSign {
  readonly phase: Phase;
  readonly pattern: RegExp;
}

/**
 * What a console line proves about where a boot stands. The firmware phase begins with power or reset, `ready` and `off`
 * with facts that no line proves; everything between is read here. Each pattern names who prints it.
 */
const signs: readonly PhaseSign[] = [
  // EDK2's boot device selection hands over to a boot option.
  { phase: "loader", pattern: /^BdsDxe: starting Boot/ },
  // The kernel's EFI stub, still on the firmware's console.
  { phase: "kernel", pattern: /^EFI stub: / },
  // The first line of any kernel log.
  { phase: "kernel", pattern: /^\[ *\d+\.\d+\](?:\[ *[TC]\d+\])? (?:Linux version |Booting Linux on )/ },
  // The kernel starts the first program of an initial RAM disk.
  { phase: "initrd", pattern: /^\[ *\d+\.\d+\](?:\[ *[TC]\d+\])? Run \/init as init process/ },
  // systemd says which of its two lives begins.
  { phase: "initrd", pattern: /systemd\[1\]: (?:Running in initrd|Running in initial RAM disk)/i },
  { phase: "userspace", pattern: /systemd\[1\]: Switching root\b/ },
  { phase: "userspace", pattern: /Starting .*initrd-switch-root\.service|Reached target .*initrd-switch-root\.target/ },
  // A getty waits, whatever ran before it; the kernel may have written on behind its prompt.
  { phase: "userspace", pattern: /^(?!Last )\S+ login: / },
  // systemd's last words, and the kernel's.
  { phase: "shutdown", pattern: /Reached target .*(?:umount|shutdown|final)\.target|systemd-shutdown\[1\]: / },
  { phase: "shutdown", pattern: /reboot: (?:Restarting system|Power down|System halted)/ },
];

/** Says which phase a line begins, given the phase the machine is in, or undefined. A boot never goes back. */
export function phaseBegunBy(line: string, current: Phase): Phase | undefined {
  for (const { phase, pattern } of signs) {
    if (before(current, phase) && pattern.test(line)) return phase;
  }
  return undefined;
}
