import { readdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { z } from "zod";
import { hostArchitecture } from "../host/hardware.ts";
import { InputError } from "../model/errors.ts";
import { suggest } from "../model/nearest.ts";
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

/** Names of the built-in container targets, sorted. */
export async function containerTargetNames(): Promise<string[]> {
  return (await readdir(targetFolder))
    .filter((file) => file.endsWith(".yaml"))
    .map((file) => file.slice(0, -".yaml".length))
    .sort();
}

/** Reads a target file of kind `container`, with what the one it `extends` says. Throws InputError with file, line and column. */
export async function loadContainerTarget(file: string): Promise<TargetManifest> {
  const { extends: _parent, ...value } = await loadWithHeirs(file, await containerTargetNames(), []);
  return targetManifest.parse({ ...value, machine: "systemd-nspawn", cpu: "host", firmware: { type: "none" } });
}

async function loadWithHeirs(file: string, names: readonly string[], heirs: readonly string[]): Promise<z.infer<typeof containerTarget>> {
  const first = await loadYaml(file, z.looseObject({ extends: z.string().optional() }));
  const { extends: parent } = first.value;
  const above = parent === undefined ? undefined : parentFile(parent, names, dirname(file));
  const wrong = (what: string, remedy: string) => new InputError([first.problem(["extends"], what, remedy)]);
  if (parent !== undefined && above === undefined) throw wrong(`there is no target "${parent}" to extend`, suggest(parent, names));
  if (above !== undefined && [...heirs, file].includes(above))
    throw wrong(`${parent} extends this file itself`, "Break the circle: one of them must stand alone.");
  const inherited = above === undefined ? {} : await loadWithHeirs(above, names, [...heirs, file]);
  const { target: _name, ...unlessSaid } = inherited as Partial<z.infer<typeof containerTarget>>;
  return (await loadYaml(file, containerTarget, { ...unlessSaid, extends: undefined })).value;
}

function parentFile(nameOrFile: string, names: readonly string[], folder: string): string | undefined {
  if (/\.ya?ml$/.test(nameOrFile)) return resolve(folder, nameOrFile);
  return names.includes(nameOrFile) ? containerTargetFile(nameOrFile) : undefined;
}

/** File of a built-in container target. */
export function containerTargetFile(name: string): string {
  return join(targetFolder, `${name}.yaml`);
}
