import type { Machine } from "../machine/machine.ts";
import type { Capability } from "../model/target.ts";

const probes: Readonly<Record<string, { readonly script: string; readonly present: string; readonly absent: string }>> = {
  systemd: {
    script: "test -d /run/systemd/system",
    present: "systemd runs the system",
    absent: "the running system has no /run/systemd/system",
  },
};

/** Names of the capabilities a running system is asked for here. */
export const systemCapabilityNames: readonly string[] = Object.keys(probes);

/** Asks the running system for one of `systemCapabilityNames`. */
export async function systemCapability(machine: Machine, name: string): Promise<Capability> {
  const { script, present, absent } = probes[name]!;
  const { code } = await machine.run(script);
  return { name, present: code === 0, reason: code === 0 ? present : absent };
}
