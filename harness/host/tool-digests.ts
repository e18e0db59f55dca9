import { lstat, readlink } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { ToolsPlace } from "../model/context.ts";
import { remember } from "./cache.ts";
import { sha256File } from "./sha256.ts";
import { toolboxRecipe } from "./toolbox.ts";
import { toolFile } from "./tools.ts";

const folders = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/** sha256 of each tool's program by its name; one that is missing is absent. Kept beside the toolbox, whose files never change; read each time of the host's own. */
export async function toolDigests(tools: ToolsPlace): Promise<Record<string, string>> {
  const { programs } = await toolboxRecipe();
  const make = async () => {
    const digests = await Promise.all(Object.keys(programs).map(async (name) => [name, await digestOf(tools, name)] as const));
    return Object.fromEntries(digests.filter((entry): entry is [string, string] => entry[1] !== undefined));
  };
  return tools.kind === "host" ? make() : remember(join(`${tools.root}.facts`, "digests.json"), make);
}

async function digestOf(tools: ToolsPlace, program: string): Promise<string | undefined> {
  for (const folder of folders) {
    const file = await followed(tools, join(folder, program));
    if (file !== undefined) return await sha256File(toolFile(tools, file));
  }
  return undefined;
}

/** Path of the file behind symbolic links as the tools see it: those of a toolbox must not lead to the host's files. */
async function followed(tools: ToolsPlace, path: string): Promise<string | undefined> {
  let current = path;
  for (let links = 0; links < 20; links++) {
    const found = await lstat(toolFile(tools, current)).catch(() => undefined);
    if (!found?.isSymbolicLink()) return found?.isFile() ? current : undefined;
    current = resolve(dirname(current), await readlink(toolFile(tools, current)));
  }
  return undefined;
}
