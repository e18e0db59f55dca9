import { packageVersion } from "../host/package-version.ts";
import type { ToolsPlace } from "../model/context.ts";
import type { Environment, FoundCapability } from "../model/record.ts";
import { impossible } from "../model/target.ts";
import { kindOf } from "../model/upgrade.ts";
import { targetFirmware } from "../qemu/firmware.ts";
import { imageCapability, imageCapabilityNames } from "../os/capabilities.ts";
import type { Prepared } from "./prepare.ts";

/** What is known of an image in a target before it starts, for run.json. Throws HarnessError where the firmware has gone since it was prepared. */
export async function environmentOf(
  { combination, image, accelerator, why }: Extract<Prepared, { image: unknown }>,
  tools: ToolsPlace,
): Promise<Environment> {
  const { target } = combination;
  return {
    image: image.name,
    target: target.target,
    kind: kindOf(accelerator),
    accelerator,
    acceleratorReason: why,
    ...(await firmwareOf(target, tools)),
    // Only what its file can say: what JSON has no word for is left out.
    description: JSON.parse(JSON.stringify(target)) as Environment["description"],
    capabilities: capabilitiesOf({ image, target }),
  };
}

async function firmwareOf(
  target: Extract<Prepared, { image: unknown }>["combination"]["target"],
  tools: ToolsPlace,
): Promise<Pick<Environment, "firmware">> {
  if (target.firmware.type === "none") return {};
  const { description, code, digest } = await targetFirmware(tools, target);
  const version = await packageVersion(tools, code);
  return { firmware: { name: description, ...(version !== undefined && { version }), digest, file: code } };
}

/** What the two descriptions say, each capability once: what a target cannot have outweighs what an image brings. */
function capabilitiesOf(pairing: Parameters<typeof imageCapability>[0]): FoundCapability[] {
  const { target } = pairing;
  const found = new Map<string, FoundCapability>();
  for (const name of imageCapabilityNames) found.set(name, imageCapability(pairing, name)!);
  for (const name of target.declares)
    if (!found.has(name))
      found.set(name, { name, present: true, reason: `target ${target.target} declares it; a claim that needs it asks the machine` });
  for (const name of ["uefi", "secure-boot", "tpm2", "measured-firmware"]) {
    const reason = impossible(target, name);
    if (reason !== undefined) found.set(name, { name, present: false, reason });
  }
  for (const [name, reason] of Object.entries(target.lacks)) found.set(name, { name, present: false, reason });
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}
