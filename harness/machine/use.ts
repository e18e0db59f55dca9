import type { Hit } from "../diagnosis/matcher.ts";
import type { MachineUse } from "../model/record.ts";
import type { BootInProgress } from "./boot-log.ts";
import type { MachineParts, Origin } from "./parts.ts";

/** What a record says about a machine and its boots. */
export function useOf(
  { hardware, accelerator, origin, why }: Pick<MachineParts, "hardware" | "accelerator" | "origin" | "why">,
  boots: readonly BootInProgress[],
  signsOf: (boot: number) => readonly Hit[],
  access?: MachineUse["access"],
): MachineUse {
  const { argvDigest } = hardware.provenance;
  return {
    start: { ...(origin ? { kind: "forked", moment: momentOf(origin) } : { kind: "booted" }), ...(why === undefined ? {} : { why }) },
    accelerator,
    ...(argvDigest === undefined ? {} : { argvDigest }),
    ...(access === undefined ? {} : { access }),
    boots: boots
      .filter(({ inherited }) => !inherited)
      .map(({ number, id, totalMs, durations }) => ({
        number,
        totalMs: Math.round(totalMs),
        durations: Object.fromEntries(Object.entries(durations).map(([phase, ms]) => [phase, Math.round(ms)])),
        ...(id === undefined ? {} : { id }),
        ...(signsOf(number).length === 0 ? {} : { signs: signsOf(number).map(signOf) }),
      })),
  };
}

function momentOf({ name, digest, saved }: Origin): { name: string; digest?: string; saved: string } {
  return { name, saved, ...(digest === undefined ? {} : { digest }) };
}

/** Signs of a boot that went well are worth knowing too: a driver that crashed, a unit that failed. */
function signOf({ signature: { id, fault }, phase, line }: Hit): {
  id: string;
  fault: Hit["signature"]["fault"];
  phase: Hit["phase"];
  line: string;
} {
  return { id, fault, phase, line: line.slice(0, 300) };
}
