import { stat } from "node:fs/promises";
import type { ToolsPlace } from "../model/context.ts";
import { runTool } from "../host/tools.ts";

const timeoutMs = 30_000;

/**
 * Makes a qcow2 overlay, so that what a machine writes never reaches the file below; larger than that if `sizeOf` says so. Formats are always said,
 * never probed. Source: qemu-img(1).
 */
export async function makeOverlay(
  tools: ToolsPlace,
  backing: { readonly file: string; readonly format: string },
  overlay: string,
  signal: AbortSignal,
  sizeOf?: (bytes: number) => number,
): Promise<void> {
  const below = sizeOf && (await virtualSize(tools, backing, signal));
  const size = below === undefined || sizeOf === undefined || sizeOf(below) === below ? [] : [String(sizeOf(below))];
  const argv = ["qemu-img", "create", "-q", "-f", "qcow2", "-b", backing.file, "-F", backing.format, overlay, ...size];
  await runTool(tools, argv, { signal, timeoutMs });
}

/** Makes a qcow2 disk with nothing on it. */
export async function makeBlank(tools: ToolsPlace, file: string, bytes: number, signal: AbortSignal): Promise<void> {
  await runTool(tools, ["qemu-img", "create", "-q", "-f", "qcow2", file, String(bytes)], { signal, timeoutMs });
}

/**
 * Makes a qcow2 copy that stands alone: what is zero in it takes no room. QEMU keeps flash in memory of its own and reads into it what it cannot tell to
 * be zero, which in an overlay is all of it: 64 MiB of each aarch64 machine. Source: QEMU hw/block/block.c.
 */
export async function makeCopy(
  tools: ToolsPlace,
  from: { readonly file: string; readonly format: string },
  file: string,
  signal: AbortSignal,
): Promise<void> {
  await runTool(tools, ["qemu-img", "convert", "-q", "-f", from.format, "-O", "qcow2", from.file, file], { signal, timeoutMs });
}

async function virtualSize(tools: ToolsPlace, { file, format }: { file: string; format: string }, signal: AbortSignal): Promise<number> {
  if (format === "raw") return (await stat(file)).size;
  const { stdout } = await runTool(tools, ["qemu-img", "info", "--output=json", "-f", format, file], { signal, timeoutMs });
  return (JSON.parse(stdout) as { "virtual-size": number })["virtual-size"];
}
