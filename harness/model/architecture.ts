import type { Architecture } from "./target.ts";

/** What UEFI and PE/COFF say about an architecture. */
export interface ArchitectureFacts {
  /** IMAGE_FILE_MACHINE_… in a PE header (UEFI 2.10, section 2.1.1). */
  readonly peMachine: number;
  /** File in \EFI\BOOT that firmware starts from a disk it has no boot entry for (UEFI 2.10, table 3.3). */
  readonly removable: string;
  /** What a unified kernel image begins with, below systemd's folder of EFI programs. Source: systemd-stub(7). */
  readonly stub: string;
  /** What Linux calls the machine's first serial line. */
  readonly serial: string;
  /** Whether a PC's kernel runs on it, which says nothing of which of a PC's architectures it is for (Linux, Documentation/arch/x86/boot.rst). */
  readonly pc: boolean;
}

export const architectureFacts: Readonly<Record<Architecture, ArchitectureFacts>> = {
  x86_64: { peMachine: 0x8664, removable: "BOOTX64.EFI", stub: "linuxx64.efi.stub", serial: "ttyS0", pc: true },
  aarch64: { peMachine: 0xaa64, removable: "BOOTAA64.EFI", stub: "linuxaa64.efi.stub", serial: "ttyAMA0", pc: false },
  riscv64: { peMachine: 0x5064, removable: "BOOTRISCV64.EFI", stub: "linuxriscv64.efi.stub", serial: "ttyS0", pc: false },
};

/** The architecture whose programs have that PE machine number, or undefined for one osbench has no targets for. */
export function architectureOfPe(machine: number): Architecture | undefined {
  return (Object.keys(architectureFacts) as Architecture[]).find((name) => architectureFacts[name].peMachine === machine);
}
