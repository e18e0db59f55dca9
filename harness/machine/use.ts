import type { MachineUse } from "../model/record.ts";
import type { BootInProgress } from "./boot-log.ts";
import type { MachineParts } from "./parts.ts";

/** What a record says about a machine and its boots. */
export function useOf(
  { hardware, accelerator }: Pick<MachineParts, "hardware" | "accelerator">,
  boots: readonly BootInProgress[],
): MachineUse {
  const { argvDigest } = hardware.provenance;
  return {
    from: "boot",
    accelerator,
    ...(argvDigest === undefined ? {} : { argvDigest }),
    boots: boots.map(({ number, id, totalMs, durations }) => ({
      number,
      totalMs: Math.round(totalMs),
      durations: Object.fromEntries(Object.entries(durations).map(([phase, ms]) => [phase, Math.round(ms)])),
      ...(id === undefined ? {} : { id }),
    })),
  };
}
