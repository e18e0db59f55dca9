import { capabilityNames } from "../machine/capabilities.ts";
import type { Machine } from "../machine/machine.ts";
import { HarnessError, NotApplicable } from "../model/errors.ts";
import type { WorkerContext } from "../model/context.ts";
import type { Capability } from "../model/target.ts";
import { imageCapability } from "../os/capabilities.ts";
import { systemCapability, systemCapabilityNames } from "../os/probes.ts";

/** Is told how each capability was found, before a missing one is thrown. */
type Found = (capability: Capability) => void;

/** Throws NotApplicable, before anything is started, where the image's or the target's manifest already says so. */
export function requireFromManifests(context: WorkerContext, names: readonly string[], found: Found): void {
  for (const name of names) {
    const capability = imageCapability(context, name);
    if (capability) found(capability);
    if (capability && !capability.present) throw new NotApplicable(name, capability.reason);
  }
}

/** Of the names, those only a running machine can answer. */
export function askedOfMachine(names: readonly string[]): readonly string[] {
  // What a manifest says about updates is all there is to know.
  return names.filter((name) => name !== "updates" && (capabilityNames.includes(name) || systemCapabilityNames.includes(name)));
}

/** Asks the running machine for one of those names. */
export async function askMachine(machine: Machine, name: string): Promise<Capability> {
  return systemCapabilityNames.includes(name) ? await systemCapability(machine, name) : await machine.capability(name);
}

/** Throws NotApplicable where the running machine lacks one of the names. */
export async function requireFromMachine(machine: Machine, names: readonly string[], found: Found): Promise<void> {
  for (const name of askedOfMachine(names)) {
    const capability = await askMachine(machine, name);
    found(capability);
    if (capability.present) continue;
    if (machine.target.declares.includes(name)) {
      throw new HarnessError(
        "OSB_TARGET_LACKS",
        `target ${machine.target.target} declares ${name}, and it was not found: ${capability.reason}`,
        {
          hint: "Either the target's description is wrong, or the way this capability is looked for does not fit this image.",
        },
      );
    }
    throw new NotApplicable(name, capability.reason);
  }
}
