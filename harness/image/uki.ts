import { predictPcr11 } from "../tpm/uki.ts";
import type { PcrReplay } from "../tpm/replay.ts";
import { readPe, type PeFile } from "./pe.ts";
import { FormatError, withFile } from "./source.ts";

/** What a unified kernel image says about itself. */
export interface UkiDescription {
  readonly sections: readonly { readonly name: string; readonly size: number }[];
  /** Keys of the embedded os-release. */
  readonly osRelease: Readonly<Record<string, string>>;
  readonly uname: string | undefined;
  readonly cmdline: string | undefined;
  readonly signed: boolean;
}

/** Says whether a program is a UKI: it carries a kernel in a section `.linux` (UAPI.5). */
export function isUki(pe: PeFile): boolean {
  return pe.sections.some(({ name }) => name === ".linux");
}

/** Reads the small texts of a UKI; kernel and initrd are left alone. */
export function describeUki(pe: PeFile): UkiDescription {
  const text = (name: string): string | undefined =>
    pe.sections
      .find((section) => section.name === name)
      ?.contents()
      .toString("utf8")
      .replace(/[\0\s]+$/, "");
  return {
    sections: pe.sections.map(({ name, virtualSize }) => ({ name, size: virtualSize })),
    osRelease: parseOsRelease(text(".osrel") ?? ""),
    uname: text(".uname"),
    cmdline: text(".cmdline"),
    signed: pe.certificates !== undefined,
  };
}

/** KEY=VALUE lines as os-release(5) has them: quotes are removed, comments and other lines ignored. */
function parseOsRelease(text: string): Record<string, string> {
  const entries: Record<string, string> = {};
  for (const line of text.split("\n")) {
    const match = /^([A-Z][A-Z0-9_]*)=(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|(.*))\s*$/.exec(line.trim());
    if (match?.[1]) entries[match[1]] = (match[2]?.replace(/\\(.)/g, "$1") ?? match[3] ?? match[4] ?? "").trim();
  }
  return entries;
}

/**
 * PCR 11 as systemd-stub and systemd-pcrphase will leave it for this UKI file. `phases` are those passed, by default all up to a booted system.
 * Throws InputError if the file is no UKI, NotApplicable if its measurement depends on more than its bytes (profiles, device trees chosen by hardware).
 */
export function predictUkiPcr11(file: string, bank: string, phases?: readonly string[]): Promise<PcrReplay> {
  return withFile(file, (source) => {
    const pe = readPe(source);
    if (!isUki(pe)) throw new FormatError(source, "is no unified kernel image: it has no section .linux");
    return predictPcr11(pe.sections, bank, phases);
  });
}

/** Authenticode digest of an EFI program file, which firmware measures into PCR 4 when it starts it. Throws InputError if it is none. */
export function authenticodeDigest(file: string, hash = "sha256"): Promise<string> {
  return withFile(file, (source) => readPe(source).authenticode(hash));
}
