import { lineage } from "../../model/lineage.ts";
import type { TargetManifest } from "../../model/target.ts";
import { loadMachineTarget, machineTargets } from "../target.ts";

/** A built-in target by its name. */
export async function builtInTarget(name: string): Promise<TargetManifest> {
  const builtIn = await machineTargets();
  return await loadMachineTarget(await lineage(builtIn.fileOf(name), builtIn));
}
