import type { ToolsPlace } from "../model/context.ts";
import { runTool } from "../host/tools.ts";

/** Makes a qcow2 overlay, so that what a machine writes never reaches the file below. Formats are always said, never probed. Source: qemu-img(1). */
export async function makeOverlay(
  tools: ToolsPlace,
  backing: { readonly file: string; readonly format: string },
  overlay: string,
  signal: AbortSignal,
): Promise<void> {
  await runTool(tools, ["qemu-img", "create", "-q", "-f", "qcow2", "-b", backing.file, "-F", backing.format, overlay], {
    signal,
    timeoutMs: 30_000,
  });
}
