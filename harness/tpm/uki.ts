import { HarnessError, NotApplicable } from "../model/errors.ts";
import { bankNamed, digestIn, startHash, type Bank } from "./banks.ts";
import { replay, type Measurement, type PcrReplay } from "./replay.ts";

/** A section of a unified kernel image. `harness/image/pe.ts` reads them from a file. */
export interface UkiSection {
  readonly name: string;
  /** Bytes the section has in memory. */
  readonly virtualSize: number;
  /** The section's bytes in the file, which may be fewer or (file alignment) more than `virtualSize`. */
  contents(): Uint8Array;
}

/** Sections systemd-stub knows, in the order it measures them (UAPI.5 unified kernel images; systemd 257, src/fundamental/uki.c). */
export const measuredSections = [
  ".linux",
  ".osrel",
  ".cmdline",
  ".initrd",
  ".ucode",
  ".splash",
  ".dtb",
  ".uname",
  ".sbat",
  ".pcrpkey",
  ".profile",
  ".dtbauto",
  ".hwids",
] as const;

/** Phases systemd-pcrphase extends into PCR 11 on the way to a booted system, in order. */
export const bootPhases = ["enter-initrd", "leave-initrd", "sysinit", "ready"] as const;

/** Sections whose measurement depends on something the file does not say. */
const undecided: Readonly<Record<string, string>> = {
  ".profile": "it has several profiles, and which one is measured depends on the menu entry chosen",
  ".dtbauto": "which device tree is measured depends on the machine's hardware ids",
  ".efifw": "which firmware blob is measured depends on the machine's hardware ids",
};

/**
 * What systemd-stub extends into PCR 11 for a UKI: of each known section the name with its NUL, then the contents at their size in memory,
 * padded with zeros. `.pcrsig` is left out, of sections that occur twice the first counts, empty ones are skipped.
 * Throws NotApplicable for a UKI whose measurement depends on more than its bytes, HarnessError if there is nothing to measure.
 */
export function ukiMeasurements(sections: readonly UkiSection[], bankNames: readonly string[]): Measurement[] {
  const banks = bankNames.map(bankNamed);
  for (const { name } of sections) {
    const reason = undecided[name];
    if (reason !== undefined) throw new NotApplicable("pcr11-prediction", `the UKI has a section ${name}: ${reason}`);
  }
  const measurements = measuredSections.flatMap((name): Measurement[] => {
    const section = sections.find((candidate) => candidate.name === name);
    if (!section || section.virtualSize === 0) return [];
    const bytes = section.contents();
    return [
      { pcr: 11, label: `${name} (the section's name)`, digests: inEach(banks, (bank) => digestIn(bank, `${name}\0`)) },
      {
        pcr: 11,
        label: `${name} (the section's contents)`,
        digests: inEach(banks, (bank) => digestInMemory(bank, bytes, section.virtualSize)),
      },
    ];
  });
  if (measurements.length === 0) {
    throw new HarnessError(
      "OSB_UKI_EMPTY",
      `no section of a unified kernel image among ${sections.map(({ name }) => name).join(", ") || "none"}`,
      {
        hint: "Give the sections of a UKI, not of a boot loader or a plain kernel.",
      },
    );
  }
  return measurements;
}

/** What systemd-pcrphase extends into PCR 11: the phase's word, without NUL. */
export function phaseMeasurements(phases: readonly string[], bankNames: readonly string[]): Measurement[] {
  const banks = bankNames.map(bankNamed);
  return phases.map((phase) => ({ pcr: 11, label: `phase ${phase}`, digests: inEach(banks, (bank) => digestIn(bank, phase)) }));
}

/** PCR 11 after a UKI was started by systemd-stub and the phases were passed, with every step on the way. Throws as `ukiMeasurements` does. */
export function predictPcr11(sections: readonly UkiSection[], bankName: string, phases: readonly string[] = bootPhases): PcrReplay {
  const predicted = replay([...ukiMeasurements(sections, [bankName]), ...phaseMeasurements(phases, [bankName])], bankName).get(11);
  if (!predicted) throw new HarnessError("OSB_UKI_EMPTY", "nothing is measured into PCR 11");
  return predicted;
}

function inEach(banks: readonly Bank[], digest: (bank: Bank) => string): Record<string, string> {
  return Object.fromEntries(banks.map((bank) => [bank.name, digest(bank)]));
}

function digestInMemory(bank: Bank, bytes: Uint8Array, virtualSize: number): string {
  const hash = startHash(bank).update(bytes.subarray(0, virtualSize));
  const zeros = Buffer.alloc(Math.min(1 << 20, Math.max(0, virtualSize - bytes.length)));
  for (let missing = virtualSize - bytes.length; missing > 0; missing -= zeros.length) hash.update(zeros.subarray(0, missing));
  return hash.digest("hex");
}
