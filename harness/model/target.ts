import { z } from "zod";

export const architectures = ["x86_64", "aarch64", "riscv64"] as const;
export type Architecture = (typeof architectures)[number];

export const pcrBanks = ["sha1", "sha256", "sha384", "sha512"] as const;
export type PcrBank = (typeof pcrBanks)[number];

/** One machine model, as data. `harness/qemu/targets/*.yaml` holds the built-in ones. */
export const targetManifest = z.strictObject({
  target: z.string().regex(/^[a-z0-9][a-z0-9_.-]*$/),
  kind: z.enum(["qemu", "container"]).default("qemu").describe("What stands behind it: an emulated machine, or a system container"),
  title: z.string(),
  arch: z.enum(architectures),
  machine: z.string().describe("QEMU machine type, e.g. q35 or virt"),
  cpu: z.string().default("max").describe("CPU model under TCG"),
  cores: z.number().int().min(1).default(2),
  memory: z.number().int().min(64).optional().describe("MiB; by default what the image asks for"),
  firmware: z.strictObject({
    type: z.enum(["none", "uefi"]),
    features: z.array(z.string()).default([]).describe("Features the firmware descriptor must have"),
    without: z.array(z.string()).default([]).describe("Features it must not have"),
  }),
  arguments: z.array(z.string()).default([]).describe("Further arguments for QEMU, such as a watchdog: [-device, i6300esb]"),
  tpm: z
    .strictObject({
      device: z.string().describe("QEMU device, e.g. tpm-crb"),
      banks: z.array(z.enum(pcrBanks)).min(1).default(["sha256"]),
    })
    .optional(),
  declares: z
    .array(z.string())
    .default([])
    .describe("Capabilities this target must have: one that is not found is an error of the target, never a reason to skip a claim"),
  lacks: z
    .record(z.string(), z.string())
    .default({})
    .describe("Capabilities this target cannot have, each with the reason: what requires one is not applicable"),
  container: z
    .strictObject({
      capabilities: z
        .array(z.string().regex(/^CAP_[A-Z_]+$/))
        .default([])
        .describe("Linux capabilities beyond the usual: [CAP_SYS_MODULE]"),
      binds: z
        .array(z.string().regex(/^\/[^:]*(?::\/[^:]*)?$/))
        .default([])
        .describe("Files and folders of the host the guest sees: /path or /path/of/host:/path/of/guest"),
    })
    .prefault({})
    .describe("What a container gets that it should not need"),
});

export type TargetManifest = z.infer<typeof targetManifest>;

/** A fact a target or an image has, or has not with a reason. */
export interface Capability {
  readonly name: string;
  readonly present: boolean;
  /** How it was found, or why it is missing. */
  readonly reason: string;
}
