import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runTool } from "../host/tools.ts";
import type { ToolsPlace } from "../model/context.ts";
import type { Seeds } from "../model/media.ts";
import type { AttachedMedia } from "./media.ts";

/** Makes the files QEMU is given for the seeds, in a folder. A volume's label and number are always the same. Throws HarnessError `OSB_TOOL`. */
export async function makeSeeds(
  tools: ToolsPlace,
  { noCloud, ignition }: Seeds,
  folder: string,
  signal: AbortSignal,
): Promise<Pick<AttachedMedia, "noCloud" | "ignition">> {
  if (noCloud === undefined && ignition === undefined) return {};
  await mkdir(folder, { recursive: true });
  const volume = join(folder, "cidata");
  const config = join(folder, "ignition.json");
  if (noCloud) {
    const files = Object.keys(noCloud).map((name) => join(folder, name));
    for (const [name, text] of Object.entries(noCloud)) await writeFile(join(folder, name), text);
    await runTool(tools, ["mkfs.fat", "-C", "-n", "CIDATA", "-i", "05BE7C44", "--invariant", volume, "1440"], { signal });
    await runTool(tools, ["mcopy", "-i", volume, ...files, "::"], { signal });
  }
  if (ignition !== undefined) await writeFile(config, ignition);
  return { ...(noCloud && { noCloud: volume }), ...(ignition !== undefined && { ignition: config }) };
}
