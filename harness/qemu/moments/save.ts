import { join } from "node:path";
import { HarnessError } from "../../model/errors.ts";
import type { QemuParts } from "../hardware.ts";
import type { PowerCycle } from "../power.ts";
import { devicesFile, filesOf, prepareOverlays, type Frozen } from "./frozen.ts";
import { saveDevices, saveObstacle } from "./migration.ts";

/** Why a running machine cannot be saved; undefined if it can. */
export async function obstacle(
  { storage, spec }: QemuParts,
  cycle: PowerCycle | undefined,
  of: "machine" | "kind" = "machine",
): Promise<string | undefined> {
  if (!cycle) return "it is off";
  if (of === "machine" && (storage === undefined || spec.ram?.kind !== "own"))
    return "it was not opened to be saved: its memory is in no file";
  return await saveObstacle(cycle.qmp);
}

/**
 * Saves a running machine into its own storage: its memory lies there already. Its QEMU stands still afterwards and must be ended, for what it
 * would write is the saved machine's. Throws HarnessError; the machine then goes on.
 */
export async function saveCycle(parts: QemuParts, cycle: PowerCycle, signal: AbortSignal): Promise<Frozen> {
  const { storage, spec, tools } = parts;
  const why = await obstacle(parts, cycle);
  if (why !== undefined || storage === undefined) throw new HarnessError("OSB_CANNOT_SAVE", `the machine cannot be saved: ${why}`);
  const { disks } = spec;
  const [files] = await Promise.all([filesOf(tools, storage, { disks, vars: spec.firmware.vars }), prepareOverlays(tools, disks, signal)]);
  await cycle.qmp.execute("stop");
  try {
    await saveDevices(cycle.qmp, join(storage, devicesFile), signal);
  } catch (error) {
    await cycle.qmp.execute("cont").catch(() => {});
    throw error;
  }
  return { folder: storage, spec, files };
}
