import { readdir, readlink, lstat, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { rememberedDigest } from "../host/remembered-digest.ts";
import { sha256, sha256File } from "../host/sha256.ts";
import { toolVersions } from "../host/toolbox.ts";
import type { ToolsPlace } from "../model/context.ts";
import { InputError } from "../model/errors.ts";
import type { Architecture } from "../model/target.ts";
import type { FoundImage } from "./manifest.ts";

/** Folder of an image's recipe. */
export function recipeFolder(found: FoundImage): string {
  return resolve(found.folder, found.manifest.build?.recipe ?? ".");
}

/** sha256 of everything a build depends on: the recipe's files, how it is called, the tools, the architecture. The manifest's title and the like do not count. */
export async function recipeDigest(found: FoundImage, arch: Architecture, tools: ToolsPlace): Promise<string> {
  const folder = recipeFolder(found);
  const { command, env } = found.manifest.build ?? { command: [], env: {} };
  const place = tools.digest ?? (await toolVersions(tools));
  return sha256(JSON.stringify([await listing(folder, found), command, Object.entries(env).sort(), place, arch]));
}

async function listing(folder: string, found: FoundImage): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
    throw new InputError([{ at: { file: found.file }, what: `the recipe's folder ${folder} cannot be read: ${error.message}` }]);
  });
  const lines = await Promise.all(
    entries.sort().map(async (name) => {
      const path = join(folder, name);
      const info = await lstat(path);
      if (info.isSymbolicLink()) return `${name} -> ${await readlink(path)}`;
      // The manifest's own words do not change what is built; what does is digested apart.
      if (!info.isFile() || name === "image.yaml") return undefined;
      return `${name} ${info.mode & 0o111 ? "x" : "-"} ${await sha256File(path)}`;
    }),
  );
  return lines.filter((line) => line !== undefined);
}

/** sha256 over the artefacts of an image that was not built here, folders with all they hold. */
export async function artefactDigest(artefacts: readonly string[]): Promise<string> {
  const files = (await Promise.all(artefacts.map(filesIn))).flat();
  const digests = await Promise.all(files.map(rememberedDigest));
  return digests.length === 1 ? (digests[0] as string) : sha256(digests.join("\n"));
}

async function filesIn(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
