import { type TargetKind, targetKinds } from "../../model/record.ts";
import { kindWords } from "../kind-words.ts";

export interface Standing {
  /** Whether every result is of real hardware. One that is not is enough for false, and so is none at all. */
  readonly hardware: boolean;
  /** Kinds that occur, in a fixed order. */
  readonly kinds: readonly TargetKind[];
  /** The same as a sentence, to be shown beside every result. */
  readonly notice: string;
}

/** What may be claimed of hardware by records of these kinds: nothing, unless all of them were made on it. */
export function standingOf(met: ReadonlySet<TargetKind>): Standing {
  const kinds = targetKinds.filter((kind) => met.has(kind));
  if (kinds.length === 1 && kinds[0] === "hardware") return { hardware: true, kinds, notice: "Every result was made on real hardware." };
  const others = kinds.filter((kind) => kind !== "hardware").map((kind) => kindWords[kind]);
  const on = others.length === 0 ? "No result was made on any machine" : `Results were made on: ${others.join(", ")}`;
  return { hardware: false, kinds, notice: `${on}. This certifies no hardware.` };
}
