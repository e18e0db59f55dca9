import { containerTargetFile, containerTargetNames, loadContainerTarget } from "../container/target.ts";
import { suggest } from "../model/nearest.ts";
import { InputError } from "../model/errors.ts";
import type { TargetManifest } from "../model/target.ts";
import { loadYaml } from "../model/yaml.ts";
import { findTarget as findQemuTarget, targetNames as qemuTargetNames } from "../qemu/target.ts";
import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { z } from "zod";

/** Names of the built-in targets of every kind, sorted. */
export async function targetNames(): Promise<string[]> {
  return [...(await qemuTargetNames()), ...(await containerTargetNames())].sort();
}

/** Finds a target of any kind by built-in name or by the path of a user's own YAML file. Throws InputError naming the known ones. */
export async function findTarget(nameOrFile: string): Promise<TargetManifest> {
  if (/\.ya?ml$/.test(nameOrFile)) {
    return (await isContainer(resolve(nameOrFile))) ? await loadContainerTarget(resolve(nameOrFile)) : await findQemuTarget(nameOrFile);
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

/** Whether a user's own file is of that kind, by its own word or by what it extends. What is wrong in it is for its kind to say. */
async function isContainer(file: string, heirs: readonly string[] = []): Promise<boolean> {
  const { kind, extends: parent } = (await loadYaml(file, z.looseObject({ kind: z.unknown().optional(), extends: z.unknown().optional() })))
    .value;
  if (kind !== undefined || typeof parent !== "string") return kind === "container";
  if (!/\.ya?ml$/.test(parent)) return (await containerTargetNames()).includes(parent);
  const above = resolve(dirname(file), parent);
  return ![...heirs, file].includes(above) && existsSync(above) && (await isContainer(above, [...heirs, file]));
}
