import { type CellRecord, type TargetKind, targetKinds } from "../../model/record.ts";

/** How a kind of target is called wherever a result is vouched for. */
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
export function kindOfTarget({ kind, accelerator }: CellRecord["target"]): TargetKind {
  return kind === "hardware" && without.includes(accelerator) ? "unknown" : kind;
}

export interface Standing {
  /** Whether every result is of real hardware. One that is not is enough for false, and so is none at all. */
  readonly hardware: boolean;
  /** Kinds that occur, in a fixed order. */
  readonly kinds: readonly TargetKind[];
  /** The same as a sentence, to be shown beside every result. */
  readonly notice: string;
}

/** What may be claimed of hardware by these records: nothing, unless all of them were made on it. */
export function standingOf(records: readonly CellRecord[]): Standing {
  const kinds = targetKinds.filter((kind) => records.some(({ target }) => kindOfTarget(target) === kind));
  if (kinds.length === 1 && kinds[0] === "hardware") return { hardware: true, kinds, notice: "Every result was made on real hardware." };
  const others = kinds.filter((kind) => kind !== "hardware").map((kind) => kindWords[kind]);
  const on = others.length === 0 ? "No result was made on any machine" : `Results were made on: ${others.join(", ")}`;
  return { hardware: false, kinds, notice: `${on}. This certifies no hardware.` };
}
