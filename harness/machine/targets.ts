import { containerTargetFile, containerTargetNames, loadContainerTarget } from "../container/target.ts";
import { suggest } from "../model/nearest.ts";
import { InputError } from "../model/errors.ts";
import type { TargetManifest } from "../model/target.ts";
import { loadYaml } from "../model/yaml.ts";
import { findTarget as findQemuTarget, targetNames as qemuTargetNames } from "../qemu/target.ts";
import { resolve } from "node:path";
import { z } from "zod";

/** Names of the built-in targets of every kind, sorted. */
export async function targetNames(): Promise<string[]> {
  return [...(await qemuTargetNames()), ...(await containerTargetNames())].sort();
}

/** Finds a target of any kind by built-in name or by the path of a user's own YAML file. Throws InputError naming the known ones. */
export async function findTarget(nameOrFile: string): Promise<TargetManifest> {
  if (/\.ya?ml$/.test(nameOrFile)) {
    const { kind } = (await loadYaml(resolve(nameOrFile), z.looseObject({ kind: z.unknown().optional() }))).value;
    return kind === "container" ? await loadContainerTarget(resolve(nameOrFile)) : await findQemuTarget(nameOrFile);
  }
  if ((await containerTargetNames()).includes(nameOrFile)) return await loadContainerTarget(containerTargetFile(nameOrFile));
  const names = await targetNames();
  if (names.includes(nameOrFile)) return await findQemuTarget(nameOrFile);
  throw new InputError([
    {
      at: { flag: "--target" },
      what: `unknown target "${nameOrFile}"`,
      remedy: `${suggest(nameOrFile, names)} (a path that ends in .yaml names a target of your own)`,
    },
  ]);
}
