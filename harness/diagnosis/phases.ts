import { before, type Phase } from "../model/phase.ts";
import { Automaton, type Place } from "./automaton.ts";

interface PhaseSign {
  /** Undefined: what looks like a sign and is none. */
  readonly phase: Phase | undefined;
  readonly pattern: string;
}

// A kernel log line's time, and its caller where the kernel prints that.
const stamp = "^\\[ *\\d+\\.\\d+\\](?:\\[ *[TC]\\d+\\])? ";

/**
 * What a console line proves about where a boot stands. The firmware phase begins with power or reset, `ready` and `off` with facts that no line
 * proves; everything between is read here. Each pattern names who prints it. Kernels and init systems that are told to be quiet leave signs out:
 * a phase nobody showed is passed over.
 */
const signs: readonly PhaseSign[] = [
  // EDK2's boot device selection hands over to a boot option that is not the firmware's own shell; SeaBIOS to a boot sector.
  { phase: "loader", pattern: '^BdsDxe: starting Boot[0-9A-F]{4} "(?:[^E]|E[^F]|EF[^I]|EFI[^ ]|EFI [^I])' },
  { phase: "loader", pattern: "^Booting from (?:Hard Disk|DVD/CD|Floppy|ROM)" },
  // GRUB; also where no firmware said that it starts it.
  { phase: "loader", pattern: "^Welcome to GRUB!|GNU GRUB +version \\d" },
  // An entry of systemd-boot's menu, where no firmware said what it starts.
  { phase: "loader", pattern: "Reboot Into Firmware Interface" },
  // The kernel's EFI stub, still on the firmware's console.
  { phase: "kernel", pattern: "^EFI stub: " },
  // U-Boot's last words, and a kernel that unpacks itself.
  { phase: "kernel", pattern: "^Starting kernel \\.\\.\\.|^(?:Decompressing|Uncompressing) Linux" },
  // The first line of any kernel log.
  { phase: "kernel", pattern: `${stamp}(?:Linux version |Booting Linux on )` },
  // The kernel starts the first program: of an initial RAM disk, or of the root file system itself.
  { phase: "initrd", pattern: `${stamp}Run /init as init process` },
  { phase: "userspace", pattern: `${stamp}Run /(?:sbin|etc|bin|usr)/\\S+ as init process` },
  // systemd says which of its two lives begins: in the kernel log, and in its status output.
  { phase: "initrd", pattern: "systemd\\[1\\]: Running in (?:initrd|initial RAM disk)" },
  { phase: "initrd", pattern: "^Booting initrd of |^Welcome to .*(?:[Ii]nitrd|[Ii]nitramfs|dracut)" },
  { phase: undefined, pattern: "^Welcome to .*(?:[Ii]nitrd|[Ii]nitramfs|dracut)" },
  { phase: "userspace", pattern: "^Welcome to .* .*!" },
  { phase: "userspace", pattern: "systemd\\[1\\]: Switching root" },
  { phase: "userspace", pattern: "(?:Starting|Reached target) .*(?:initrd-switch-root\\.(?:service|target)|Switch Root)" },
  // initramfs-tools and dracut.
  { phase: "initrd", pattern: "^Loading, please wait\\.\\.\\.|^Begin: Loading essential drivers" },
  { phase: "initrd", pattern: `${stamp}dracut(?:-cmdline\\[\\d+\\])?: ` },
  // Other init systems: busybox, sysvinit, OpenRC.
  { phase: "userspace", pattern: "^init started: BusyBox|^INIT: version \\d|^ *OpenRC \\d" },
  // A getty waits, whatever ran before it; the kernel may have written on behind its prompt.
  { phase: "userspace", pattern: "^\\S+ login: " },
  { phase: undefined, pattern: "^Last login: " },
  // systemd's last words, with and without unit names, those of busybox and of the kernel.
  { phase: "shutdown", pattern: "Reached target .*(?:umount|shutdown|final)\\.target|systemd-shutdown\\[1\\]: " },
  { phase: "shutdown", pattern: "Reached target .*(?:Unmount All Filesystems|System Shutdown|Late Shutdown Services)" },
  { phase: "shutdown", pattern: "^The system is going down NOW!|reboot: (?:Restarting system|Power down|System halted)" },
];

/** Watches a console as it comes and says which phase begins, the moment the text that proves it stands there. A boot never goes back. */
export class PhaseReader {
  readonly #automaton = new Automaton(signs.map(({ pattern }) => pattern));
  readonly #current: () => Phase;
  readonly #enter: (phase: Phase) => void;
  #place: Place = this.#automaton.start;
  #denied = false;

  constructor(current: () => Phase, enter: (phase: Phase) => void) {
    this.#current = current;
    this.#enter = enter;
  }

  /** What is new of a line; `ended` with its line end. */
  part(text: string, _offset: number, _byte: number, ended: boolean): void {
    this.#place = this.#automaton.read(this.#place, text, (found) => this.#found(found));
    if (!ended) return;
    this.#place = this.#automaton.start;
    this.#denied = false;
  }

  #found(found: readonly number[]): void {
    const phases = found.map((index) => (signs[index] as PhaseSign).phase);
    // What denies a sign is found with the sign's last character at the latest.
    this.#denied ||= phases.includes(undefined);
    for (const phase of phases) {
      if (phase !== undefined && (!this.#denied || phase === "initrd") && before(this.#current(), phase)) this.#enter(phase);
    }
  }
}
