import { z } from "zod";
import { variety } from "./variety.ts";

export const architectures = ["x86_64", "aarch64", "riscv64"] as const;
export type Architecture = (typeof architectures)[number];

export const pcrBanks = ["sha1", "sha256", "sha384", "sha512"] as const;
export type PcrBank = (typeof pcrBanks)[number];

/** One machine model, as data. `harness/qemu/targets/*.yaml` holds the built-in ones. */
const manifest = z.strictObject({
  target: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_.-]*$/, "a name is made of lower-case letters, digits, `_`, `.` and `-`, and begins with a letter or digit")
    .describe("Its name in records and in the matrix"),
  extends: z
    .string()
    .optional()
    .describe(
      "Another target, by its built-in name or by the path of its file, relative to this one. Every key that is not said here is as it says",
    ),
  kind: z.enum(["qemu", "container"]).default("qemu").describe("What stands behind it: an emulated machine, or a system container"),
  title: z.string(),
  arch: z.enum(architectures),
  machine: z.string().describe("QEMU machine type, e.g. q35 or virt"),
  cpu: z.string().default("max").describe("CPU model under TCG"),
  cores: z.number().int().min(1).default(2),
  memory: z.number().int().min(64).optional().describe("MiB; by default what the image asks for"),
  firmware: z.strictObject({
    type: z
      .enum(["none", "uefi", "u-boot", "bios"])
      .describe("`uefi` (EDK2, found by its descriptor), `u-boot` (which offers UEFI too) or `bios` (SeaBIOS); a container has `none`"),
    features: z.array(z.string()).default([]).describe("With `uefi`: features the firmware descriptor must have"),
    without: z.array(z.string()).default([]).describe("With `uefi`: features it must not have"),
    keys: z
      .enum(["image", "none"])
      .optional()
      .describe(
        "Keys firmware with Secure Boot is given: those the image is signed with (`image`, the default), or none at all (setup mode)",
      ),
  }),
  arguments: z.array(z.string()).default([]).describe("Further arguments for QEMU, such as a watchdog: [-device, i6300esb]"),
  tpm: z
    .union([
      z.literal("none"),
      z.strictObject({
        device: z.string().describe("How the TPM is reached: crb or tis, or QEMU's name of the device, e.g. tpm-crb"),
        banks: z
          .array(z.enum(pcrBanks))
          .min(1)
          .default(["sha256"])
          .describe("Its active PCR banks; firmware hashes all it loads for each of them"),
      }),
    ])
    .transform((tpm) => (tpm === "none" ? undefined : tpm))
    .optional()
    .describe("Its TPM 2.0: a mapping with `device` and `banks`, or none"),
  ...variety,
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
      users: z
        .enum(["own", "host"])
        .default("own")
        .describe(
          "Whose its users are: its own, who are nobody on the host, or the `host`'s, so that root in it is root with fewer capabilities",
        ),
      "writable-kernel": z.boolean().default(false).describe("It can write the kernel's settings: /proc/sys, /sys"),
    })
    .prefault({})
    .describe("What a container gets that it should not need"),
});

/** Reads a target, and refuses one that declares what it can never have. */
export const targetManifest = manifest.superRefine((target, context) => {
  for (const [index, name] of target.declares.entries()) {
    const why = impossible(target, name);
    if (why !== undefined) context.addIssue({ code: "custom", path: ["declares", index], message: `${name} is declared, but ${why}` });
  }
});

export type TargetManifest = z.infer<typeof targetManifest>;

/** Why a machine of this description can never have the capability; undefined if it may. */
export function impossible({ firmware, tpm }: Pick<TargetManifest, "firmware" | "tpm">, capability: string): string | undefined {
  const noTpm = tpm ? undefined : "the target has no `tpm`";
  const noUefi = ["bios", "none"].includes(firmware.type) ? `its firmware is ${firmware.type}` : undefined;
  const noSecureBoot =
    firmware.type !== "uefi"
      ? `its firmware is ${firmware.type}`
      : firmware.keys === "none"
        ? "its firmware is given no keys"
        : firmware.features.includes("secure-boot")
          ? undefined
          : "its firmware need not have the feature secure-boot";
  const reasons: Readonly<Record<string, string | undefined>> = {
    uefi: noUefi,
    tpm2: noTpm,
    "measured-firmware": noTpm ?? noUefi,
    "secure-boot": noSecureBoot,
  };
  return reasons[capability];
}

/** A fact a target or an image has, or has not with a reason. */
export interface Capability {
  readonly name: string;
  readonly present: boolean;
  /** How it was found, or why it is missing. */
  readonly reason: string;
}
