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
const without: readonly string[] = ["tcg", "kvm", "native"];

/** What stands behind a record's target. What calls itself hardware and runs by an emulator's or a host's means is of unknown kind. */
export function kindOfTarget({ kind, accelerator }: { readonly kind: TargetKind; readonly accelerator: string }): TargetKind {
  return kind === "hardware" && without.includes(accelerator) ? "unknown" : kind;
}
