import { join } from "node:path";
import { z } from "zod";
import { InputError, type Problem } from "../model/errors.ts";
import { builtInAt, inherit, type BuiltIn, type Heir } from "../model/lineage.ts";
import { architectures, targetManifest, type Architecture, type TargetManifest } from "../model/target.ts";
import { diskBuses, hardwareTables } from "../model/variety.ts";
import { loadYaml, type YamlPath } from "../model/yaml.ts";

const targetFolder = join(import.meta.dirname, "targets");
const architectureFolder = join(import.meta.dirname, "arch");

const stretch = z.strictObject({ address: z.number().int().min(0), bytes: z.number().int().min(1) });

const architectureManifest = z.strictObject({
  arch: z.enum(architectures),
  binary: z.string(),
  suffix: z.string().describe("Bus suffix of virtio devices: pci, device or ccw"),
  "machine-options": z.array(z.string()).default([]),
  credentials: z.enum(["smbios", "fw_cfg"]).describe("How systemd credentials reach the guest"),
  flash: z.enum(["machine"]),
  "flash-at": stretch.describe("Where the flash stands in the guest's address space: firmware that has not found memory yet runs there"),
  "first-stack": stretch
    .optional()
    .describe("Memory the UEFI firmware in flash has for its stack before it has found memory, where that must be blank at every restart"),
  tpms: z
    .partialRecord(z.enum(["crb", "tis"]), z.string())
    .default({})
    .describe("QEMU's device for each way a TPM can be reached"),
  tables: z
    .partialRecord(z.enum(hardwareTables), z.array(z.string()))
    .default({})
    .describe("Machine options for each way the machine can describe itself"),
  "firmware-files": z
    .partialRecord(
      z.enum(["u-boot", "bios"]),
      z.strictObject({
        file: z.string().describe("Where the tools have it"),
        package: z.string().describe("The Debian package that brings it"),
        by: z.enum(["-bios", "-kernel"]).describe("QEMU's flag for it"),
        "machine-options": z.array(z.string()).default([]),
      }),
    )
    .default({})
    .describe("Firmware that no descriptor tells of, by its type"),
  "unread-disks": z
    .partialRecord(z.enum(["uefi", "u-boot", "bios"]), z.array(z.enum(diskBuses)))
    .default({})
    .describe("Buses the firmware has no driver for, so that it starts from no disk on them, by its type"),
  "generation-device": z
    .string()
    .optional()
    .describe("QEMU device that tells the guest's kernel it was forked, so that it draws new random numbers; not every machine has one"),
  reseed: z
    .strictObject({ "elf-machine": z.number().int(), code: z.array(z.number().int().min(0).max(0xffffffff)).min(1) })
    .optional()
    .describe("Instructions that have the kernel draw new random numbers, for machines without such a device; a path stands behind them"),
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

/** The built-in targets of emulated machines, sorted by name. */
export async function machineTargets(): Promise<BuiltIn> {
  return await builtInAt(targetFolder);
}

/** Reads a target of an emulated machine from its file and those it extends. Throws InputError with file, line and column. */
export async function loadMachineTarget(line: readonly Heir[]): Promise<TargetManifest> {
  return await inherit(line, "target", async (file, unlessSaid) => {
    const loaded = await loadYaml(file, targetManifest, unlessSaid);
    const problems: Problem[] = [];
    const fitted = fitArchitecture(loaded.value, await loadArchitecture(loaded.value.arch), (path, what, remedy) =>
      problems.push(loaded.problem(path, what, remedy)),
    );
    if (problems.length > 0) throw new InputError(problems);
    return fitted;
  });
}

/** The target in the words of its architecture's QEMU; tells of everything in it that the architecture does not have. */
export function fitArchitecture(
  target: TargetManifest,
  { arch, tpms, tables, "firmware-files": files }: QemuArchitecture,
  complain: (path: YamlPath, what: string, remedy: string) => void,
): TargetManifest {
  const { firmware, tpm, tables: wanted } = target;
  const device = tpm && (tpms[tpm.device as keyof typeof tpms] ?? Object.values(tpms).find((one) => one === tpm.device));
  if (tpm && device === undefined)
    complain(["tpm", "device"], `${arch} machines have no TPM "${tpm.device}"`, `One of: ${Object.entries(tpms).flat().join(", ")}`);
  if (wanted !== undefined && !tables[wanted])
    complain(["tables"], `${arch} machines cannot describe themselves by ${wanted}`, `Possible: ${Object.keys(tables).join(", ")}`);
  if ((firmware.type === "u-boot" || firmware.type === "bios") && !files[firmware.type])
    complain(
      ["firmware", "type"],
      `there is no ${firmware.type} for ${arch} machines`,
      `Possible: ${["uefi", ...Object.keys(files)].join(", ")}`,
    );
  return tpm && device !== undefined ? { ...target, tpm: { ...tpm, device } } : target;
}
