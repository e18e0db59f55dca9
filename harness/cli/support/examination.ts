import { proveAccelerator } from "../../host/accelerator.ts";
import { cacheFolder } from "../../host/cache.ts";
import { listFirmware } from "../../host/firmware.ts";
import { freeMiB, hardware, type Hardware } from "../../host/hardware.ts";
import { qemuBinary } from "../../host/machines.ts";
import { openTools, toolVersions } from "../../host/toolbox.ts";
import type { Accelerator, ToolsPlace } from "../../model/context.ts";
import { OsbenchError } from "../../model/errors.ts";
import { architectures, type Architecture, type TargetManifest } from "../../model/target.ts";
import { kinds } from "../../machine/stand.ts";
import { findTarget, targetNames } from "../../machine/targets.ts";

/** Everything `osbench doctor` says; the shape of its `--json`. */
export interface Diagnosis {
  readonly host: Hardware;
  readonly cache: { readonly folder: string; readonly freeMiB: number };
  readonly tools: ToolsPlace & { readonly versions: Readonly<Record<string, string>> };
  readonly firmware: readonly {
    arch: string;
    description: string;
    features: readonly string[];
    descriptor: string;
    unusable: string | undefined;
  }[];
  readonly accelerators: readonly { arch: Architecture; accelerator: Accelerator | undefined; reason: string }[];
  readonly targets: readonly { target: string; title: string; works: boolean; reasons: readonly string[] }[];
}

export interface ExamineOptions {
  readonly anew: boolean;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

/** Finds out what this host can do, by doing it. */
export async function examine(kind: ToolsPlace["kind"], options: ExamineOptions): Promise<Diagnosis> {
  const folder = cacheFolder();
  const tools = await openTools(kind, options);
  const versions = await toolVersions(tools);
  const accelerators: { arch: Architecture; accelerator: Accelerator | undefined; reason: string }[] = [];
  // One after the other: two probes at once would slow each other down to their deadlines.
  for (const arch of architectures.filter((name) => versions[qemuBinary(name)] !== undefined)) {
    const proof = await settle(() => proveAccelerator(tools, arch, options));
    accelerators.push("reason" in proof ? { arch, ...proof } : { arch, accelerator: undefined, reason: proof.failure });
  }
  const targets = await Promise.all((await targetNames()).map(findTarget));
  return {
    host: await hardware(),
    cache: { folder, freeMiB: await freeMiB(folder) },
    tools: { ...tools, versions },
    firmware: (await listFirmware(tools)).map(({ targets: fits, description, features, descriptor, unusable }) => {
      return { arch: fits.map((one) => one.architecture).join(", "), description, features, descriptor, unusable };
    }),
    accelerators,
    targets: await Promise.all(
      targets.map(async (target) => {
        const reasons = await obstacles(
          tools,
          versions,
          accelerators.find((one) => one.arch === target.arch),
          target,
          options.signal,
        );
        return { target: target.target, title: target.title, works: reasons.length === 0, reasons };
      }),
    ),
  };
}

async function obstacles(
  tools: ToolsPlace,
  versions: Readonly<Record<string, string>>,
  proof: { accelerator: Accelerator | undefined; reason: string } | undefined,
  target: TargetManifest,
  signal: AbortSignal,
): Promise<string[]> {
  const standing = await settle(() => kinds[target.kind].stand(tools, target, signal));
  const failures = "failure" in standing ? [standing.failure] : [];
  if (!kinds[target.kind].emulated) return failures;
  if (!proof) return [`the tools have no ${qemuBinary(target.arch)}`];
  return [
    ...failures,
    ...(proof.accelerator ? [] : [proof.reason]),
    ...(target.tpm && versions["swtpm"] === undefined ? ["the tools have no swtpm for its TPM"] : []),
  ];
}

/** An answer, or in words why there is none. */
async function settle<T extends object>(work: () => Promise<T>): Promise<T | { failure: string }> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof OsbenchError) return { failure: error.message };
    throw error;
  }
}
