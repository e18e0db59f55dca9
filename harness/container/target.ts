import { join } from "node:path";
import { z } from "zod";
import { hostArchitecture } from "../host/hardware.ts";
import { builtInAt, inherit, type BuiltIn, type Heir } from "../model/lineage.ts";
import { targetManifest, type TargetManifest } from "../model/target.ts";
import { loadYaml } from "../model/yaml.ts";

const targetFolder = join(import.meta.dirname, "targets");

const { target, title, arch, cores, memory, declares, lacks, container } = targetManifest.shape;

/** A target file of kind `container`: no machine model, no firmware, and the host's architecture unless it says which it must be. */
const containerTarget = z.strictObject({
  ...{ target, kind: z.literal("container"), title, arch: arch.default(hostArchitecture() ?? "x86_64") },
  ...{ cores, memory, declares, lacks, container },
  extends: z.string().optional().describe("The target it differs from: a built-in one of its kind, or a file"),
});

/** The built-in container targets, sorted by name. */
export async function containerTargets(): Promise<BuiltIn> {
  return await builtInAt(targetFolder);
}

/** Reads a target of kind `container` from its file and those it extends. Throws InputError with file, line and column. */
export async function loadContainerTarget(line: readonly Heir[]): Promise<TargetManifest> {
  const load = async (file: string, unlessSaid: Readonly<Record<string, unknown>>) =>
    (await loadYaml(file, containerTarget, unlessSaid)).value;
  const { extends: _parent, ...value } = await inherit(line, "target", load);
  return targetManifest.parse({ ...value, machine: "systemd-nspawn", cpu: "host", firmware: { type: "none" } });
}
