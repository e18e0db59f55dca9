import type { WorkerContext } from "../model/context.ts";
import type { CellRecord } from "../model/record.ts";
import { kindOf } from "../model/upgrade.ts";

/** image x target x test, by name: what is planned, recorded and looked up. */
export interface Cell {
  readonly image: string;
  readonly target: string;
  readonly suite: string;
  readonly test: string;
}

/** Says the same for the same cell, whatever object describes it. */
export function cellKey({ image, target, suite, test }: Cell): string {
  return JSON.stringify([image, target, suite, test]);
}

/** What records say about the image and target they are of: known once both are ready to start. */
export type Subject = Pick<CellRecord, "image" | "target">;

/** A suite file as records name it. */
export type SuiteSource = CellRecord["suite"];

export function subjectOf(
  { image, target, accelerator }: Pick<WorkerContext, "image" | "target" | "accelerator">,
  firmware?: string,
): Subject {
  const version = image.manifest.versions[0]?.version ?? "";
  const base = image.containers?.[version]?.base;
  return {
    image: { name: image.name, version, digest: image.digest, form: image.manifest.form, ...(base && { base }) },
    target: {
      name: target.target,
      kind: kindOf(accelerator),
      arch: target.arch,
      machine: target.machine,
      accelerator,
      ...(firmware !== undefined && { firmware }),
      ...(target.tpm && { tpm: target.tpm.device }),
    },
  };
}
