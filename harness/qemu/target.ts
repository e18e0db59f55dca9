import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { z } from "zod";
import { InputError } from "../model/errors.ts";
import { suggest } from "../model/nearest.ts";
import { architectures, targetManifest, type Architecture, type TargetManifest } from "../model/target.ts";
import { loadYaml } from "../model/yaml.ts";

const targetFolder = join(import.meta.dirname, "targets");
const architectureFolder = join(import.meta.dirname, "arch");

const architectureManifest = z.strictObject({
  arch: z.enum(architectures),
  binary: z.string(),
  suffix: z.string().describe("Bus suffix of virtio devices: pci, device or ccw"),
  "machine-options": z.array(z.string()).default([]),
  credentials: z.enum(["smbios", "fw_cfg"]).describe("How systemd credentials reach the guest"),
  flash: z.enum(["machine"]),
  "firmware-features": z
    .record(z.string(), z.strictObject({ "machine-options": z.array(z.string()).default([]), arguments: z.array(z.string()).default([]) }))
    .default({})
    .describe("What firmware with a feature asks of the machine"),
});

/** How QEMU makes a machine of one architecture: everything that differs between architectures, as data. */
export type QemuArchitecture = z.infer<typeof architectureManifest>;

export async function loadArchitecture(arch: Architecture): Promise<QemuArchitecture> {
  return (await loadYaml(join(architectureFolder, `${arch}.yaml`), architectureManifest)).value;
}

/** Names of the built-in targets, sorted. */
export async function targetNames(): Promise<string[]> {
  const files = await readdir(targetFolder);
  return files
    .filter((file) => file.endsWith(".yaml"))
    .map((file) => file.slice(0, -".yaml".length))
    .sort();
}

/** Finds a target by built-in name or by the path of a user's own YAML file. Throws InputError naming the known ones. */
export async function findTarget(nameOrFile: string): Promise<TargetManifest> {
  if (/\.ya?ml$/.test(nameOrFile)) return (await loadYaml(resolve(nameOrFile), targetManifest)).value;
  const names = await targetNames();
  if (names.includes(nameOrFile)) return (await loadYaml(join(targetFolder, `${nameOrFile}.yaml`), targetManifest)).value;
  throw new InputError([
    {
      at: { flag: "--target" },
      what: `unknown target "${nameOrFile}"`,
      remedy: `${suggest(nameOrFile, names)} (a path that ends in .yaml names a target of your own)`,
    },
  ]);
}
