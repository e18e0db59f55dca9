import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { hostArchitecture } from "../host/hardware.ts";
import { targetManifest, type TargetManifest } from "../model/target.ts";
import { loadYaml } from "../model/yaml.ts";

const targetFolder = join(import.meta.dirname, "targets");

const { target, title, arch, cores, memory, declares, lacks, container } = targetManifest.shape;

/** A target file of kind `container`: no machine model, no firmware, and the host's architecture unless it says which it must be. */
const containerTarget = z.strictObject({
  ...{ target, kind: z.literal("container"), title, arch: arch.default(hostArchitecture() ?? "x86_64") },
  ...{ cores, memory, declares, lacks, container },
});

/** Names of the built-in container targets, sorted. */
export async function containerTargetNames(): Promise<string[]> {
  return (await readdir(targetFolder))
    .filter((file) => file.endsWith(".yaml"))
    .map((file) => file.slice(0, -".yaml".length))
    .sort();
}

/** Reads a target file of kind `container`. Throws InputError with file, line and column. */
export async function loadContainerTarget(file: string): Promise<TargetManifest> {
  const { value } = await loadYaml(file, containerTarget);
  return targetManifest.parse({ ...value, machine: "systemd-nspawn", cpu: "host", firmware: { type: "none" } });
}

/** File of a built-in container target. */
export function containerTargetFile(name: string): string {
  return join(targetFolder, `${name}.yaml`);
}
