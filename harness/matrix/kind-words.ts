import type { TargetKind } from "../model/record.ts";

/** How a kind of target is called wherever a result is shown or vouched for. */
export const kindWords: Readonly<Record<TargetKind, string>> = {
  emulated: "emulated machine",
  virtualised: "virtual machine",
  container: "container",
  unknown: "machine of unknown kind",
  hardware: "hardware",
};

/** What runs programs where there is no hardware of their own: a record that names both was made up. */
const without: readonly string[] = ["tcg", "kvm", "native", "hvf", "whpx", "nvmm", "mshv", "xen", "hax"];

interface Target {
  readonly kind: TargetKind;
  readonly accelerator: string;
  readonly tpm?: string | undefined;
}

/** What stands behind a record's target. What calls itself hardware and runs by an emulator's or a host's means is of unknown kind. */
export function kindOfTarget({ kind, accelerator, tpm = "" }: Target): TargetKind {
  if (kind !== "hardware") return kind;
  return without.includes(accelerator.trim().toLowerCase()) || /swtpm/i.test(tpm) ? "unknown" : kind;
}

/** The same of a whole record: what its machines ran by counts, too. */
export function kindOfRecord({
  target,
  machines,
}: {
  readonly target: Target;
  readonly machines: readonly { readonly accelerator: string }[];
}): TargetKind {
  const all = [target, ...machines.map(({ accelerator }) => ({ ...target, accelerator }))].map(kindOfTarget);
  return all.find((kind) => kind !== "hardware") ?? "hardware";
}
