import { truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { MachineSpec } from "./argv.ts";

/** The firmware of a machine with what must be blank at its every restart, as a file in its workspace, where an emulated processor needs that. */
export async function withBlank(
  { arch, accelerator, firmware }: Pick<MachineSpec, "arch" | "accelerator" | "firmware">,
  workspace: string,
): Promise<MachineSpec["firmware"]> {
  const stack = arch["first-stack"];
  if (!stack || accelerator !== "tcg" || firmware.loaded) return firmware;
  const blank = join(workspace, "blank");
  await writeFile(blank, "");
  await truncate(blank, stack.bytes);
  return { ...firmware, blank };
}
