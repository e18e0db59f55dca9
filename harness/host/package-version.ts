import { createReadStream } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { ToolsPlace } from "../model/context.ts";
import { remember } from "./cache.ts";
import { sha256 } from "./sha256.ts";
import { toolFile } from "./tools.ts";

const database = "/var/lib/dpkg";

/** `name version` of the Debian package a file of the tools belongs to; undefined where dpkg does not know it, or there is none. Kept beside the toolbox, whose packages never change. */
export async function packageVersion(tools: ToolsPlace, path: string): Promise<string | undefined> {
  if (tools.kind === "host") return find(tools, path);
  const kept = join(`${tools.root}.facts`, `package-${sha256(path).slice(0, 16)}.json`);
  return (await remember(kept, async () => ({ found: await find(tools, path) }))).found;
}

async function find(tools: ToolsPlace, path: string): Promise<string | undefined> {
  const info = toolFile(tools, join(database, "info"));
  const lists = (await readdir(info).catch(() => [])).filter((name) => name.endsWith(".list"));
  for (const list of lists) {
    const text = await readFile(join(info, list), "utf8");
    if (!text.split("\n").includes(path)) continue;
    const name = list.slice(0, -".list".length).split(":")[0]!;
    const version = await versionOf(tools, name);
    return version === undefined ? undefined : `${name} ${version}`;
  }
  return undefined;
}

async function versionOf(tools: ToolsPlace, name: string): Promise<string | undefined> {
  let within = false;
  for await (const line of createInterface({ input: createReadStream(toolFile(tools, join(database, "status"))) })) {
    if (line.startsWith("Package: ")) within = line === `Package: ${name}`;
    else if (within && line.startsWith("Version: ")) return line.slice("Version: ".length);
  }
  return undefined;
}
