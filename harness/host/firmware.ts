import { readdir, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { existsSync } from "node:fs";
import { z } from "zod";
import type { ToolsPlace } from "../model/context.ts";
import { HarnessError } from "../model/errors.ts";
import type { Architecture } from "../model/target.ts";
import { machineNames, matchesPattern } from "./machines.ts";
import { rememberedDigest } from "./remembered-digest.ts";
import { toolFile } from "./tools.ts";

/** UEFI firmware in flash, as its descriptor promises it. Paths are as QEMU sees them. */
export interface Firmware {
  readonly description: string;
  readonly code: string;
  readonly codeFormat: string;
  /** Template of the variable store; undefined for firmware that keeps no variables. */
  readonly vars: string | undefined;
  readonly varsFormat: string;
  readonly features: string[];
  /** sha256 of the code. */
  readonly digest: string;
  /** Path of the descriptor it was found through. */
  readonly descriptor: string;
}

/** A descriptor as found, usable or not. */
export interface ListedFirmware extends Omit<Firmware, "digest"> {
  readonly targets: readonly { architecture: string; machines: readonly string[] }[];
  /** Why osbench cannot use it; undefined if it can. */
  readonly unusable: string | undefined;
}

const image = z.object({ filename: z.string(), format: z.string().default("raw") });

// QEMU's docs/interop/firmware.json: what osbench reads of it.
const descriptor = z.object({
  description: z.string(),
  "interface-types": z.array(z.string()),
  mapping: z.object({
    device: z.string(),
    executable: image.optional(),
    "nvram-template": image.optional(),
    filename: z.string().optional(),
  }),
  targets: z.array(z.object({ architecture: z.string(), machines: z.array(z.string()) })),
  features: z.array(z.string()).default([]),
});

/** Every firmware descriptor of the tools in the order of preference the specification gives: by file name, folders of higher priority masking the same name below. */
export async function listFirmware(tools: ToolsPlace): Promise<ListedFirmware[]> {
  const listed: ListedFirmware[] = [];
  for (const [, path] of [...(await descriptorPaths(tools))].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const text = await readFile(toolFile(tools, path), "utf8");
    // An empty file of higher priority masks a descriptor without replacing it.
    if (text.trim() === "") continue;
    listed.push(readDescriptor(tools, path, text));
  }
  return listed;
}

async function descriptorPaths(tools: ToolsPlace): Promise<Map<string, string>> {
  const config = process.env["XDG_CONFIG_HOME"] ?? join(homedir(), ".config");
  const own = tools.kind === "host" ? [join(config, "qemu/firmware")] : [];
  const paths = new Map<string, string>();
  for (const folder of ["/usr/share/qemu/firmware", "/etc/qemu/firmware", ...own]) {
    const names = await readdir(toolFile(tools, folder)).catch(() => []);
    for (const name of names.filter((entry) => entry.endsWith(".json"))) paths.set(name, join(folder, name));
  }
  return paths;
}

function readDescriptor(tools: ToolsPlace, path: string, text: string): ListedFirmware {
  const parsed = descriptor.safeParse(parseJson(text));
  const nothing = { code: "", codeFormat: "raw", vars: undefined, varsFormat: "raw", features: [], targets: [], descriptor: path };
  if (!parsed.success) return { ...nothing, description: path, unusable: `not a descriptor: ${z.prettifyError(parsed.error)}` };
  const { description, mapping, targets, features } = parsed.data;
  const vars = mapping["nvram-template"];
  const missing = [mapping.executable?.filename, vars?.filename].find((file) => file !== undefined && !existsSync(toolFile(tools, file)));
  return {
    ...nothing,
    description,
    code: mapping.executable?.filename ?? mapping.filename ?? "",
    codeFormat: mapping.executable?.format ?? "raw",
    vars: vars?.filename,
    varsFormat: vars?.format ?? "raw",
    features,
    targets,
    unusable: !parsed.data["interface-types"].includes("uefi")
      ? "not UEFI"
      : mapping.device !== "flash" || !mapping.executable
        ? `mapped as ${mapping.device}, not as flash`
        : missing && `${missing} does not exist`,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export interface FirmwareNeed {
  readonly arch: Architecture;
  /** QEMU machine type or its alias, e.g. `q35`. Any if absent. */
  readonly machine?: string;
  readonly features: readonly string[];
  readonly without: readonly string[];
}

/** The first firmware that fits. Throws HarnessError `OSB_FIRMWARE` naming what exists, and why each does not fit, if none does. */
export async function findFirmware(tools: ToolsPlace, need: FirmwareNeed): Promise<Firmware> {
  const listed = await listFirmware(tools);
  const names = need.machine === undefined ? undefined : await machineNames(tools, need.arch, need.machine);
  for (const firmware of listed) {
    if (misfit(firmware, need, names)) continue;
    const { targets: _targets, unusable: _unusable, ...rest } = firmware;
    return { ...rest, digest: await rememberedDigest(toolFile(tools, firmware.code)) };
  }
  const wants = [...need.features, ...need.without.map((feature) => `no ${feature}`)].join(", ") || "any features";
  throw new HarnessError("OSB_FIRMWARE", `no UEFI firmware for ${need.arch} ${need.machine ?? "machines"} with ${wants}`, {
    hint:
      tools.kind === "host"
        ? "Install the distribution's EDK2 packages (ovmf, qemu-efi-aarch64, qemu-efi-riscv64), or leave out --tools host"
        : "The toolbox brings no such firmware: see `osbench doctor`",
    evidence: {
      "firmware found": listed.map((one) => `${one.descriptor}: ${misfit(one, need, names)} (${one.description})`).join("\n") || "none",
    },
  });
}

function misfit(firmware: ListedFirmware, need: FirmwareNeed, names: readonly string[] | undefined): string | undefined {
  if (firmware.unusable) return firmware.unusable;
  const target = firmware.targets.find((one) => one.architecture === need.arch);
  if (!target) return `for ${[...new Set(firmware.targets.map((one) => one.architecture))].join(", ")}`;
  if (names && !target.machines.some((pattern) => names.some((name) => matchesPattern(name, pattern))))
    return `for machines ${target.machines.join(", ")}`;
  const missing = need.features.filter((feature) => !firmware.features.includes(feature));
  if (missing.length > 0) return `lacks ${missing.join(", ")}`;
  const unwanted = need.without.filter((feature) => firmware.features.includes(feature));
  return unwanted.length > 0 ? `has ${unwanted.join(", ")}` : undefined;
}
