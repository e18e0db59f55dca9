import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { Disposal } from "../model/disposal.ts";
import type { ToolsPlace } from "../model/context.ts";
import { makeWorkspace } from "../host/workspace.ts";
import type { MachineSpec } from "./argv.ts";
import { withBlank } from "./blank.ts";
import { QemuHardware } from "./hardware.ts";
import { openLines } from "./lines.ts";
import type { Frozen } from "./moments/frozen.ts";
import { prepareState } from "./moments/state.ts";
import { startTpm } from "./swtpm.ts";

export interface ForkRequest {
  readonly tools: ToolsPlace;
  readonly name: string;
  readonly evidenceFolder: string;
  /** As in HardwareRequest: given, the fork may be saved itself, and starts with a copy of the memory. */
  readonly storage?: string | undefined;
}

/**
 * Makes the hardware of a saved machine once more, switched off: its first power-on goes on where the saved machine stood, with disks, variables,
 * TPM, lines and network port of its own. Throws HarnessError.
 */
export async function forkQemu(frozen: Frozen, request: ForkRequest, signal: AbortSignal): Promise<QemuHardware> {
  const owned = new Disposal();
  try {
    const workspace = await makeWorkspace("vm");
    owned.defer(() => rm(workspace, { recursive: true, force: true }));
    const { ports, media, tpm: tpmSpec } = frozen.spec;
    const { tools, storage, evidenceFolder } = request;
    const tpmState = tpmSpec && join(workspace, "tpm");
    const socket = join(workspace, "tpm.sock");
    // An empty folder: its state comes with the saved machine's.
    const tpm = tpmState === undefined ? undefined : mkdir(tpmState).then(() => startTpm(tools, tpmState, socket, signal));
    tpm?.catch(() => {});
    owned.defer(async () => (await tpm?.catch(() => undefined))?.());
    const [lines, own] = await Promise.all([
      openLines(owned, workspace, Object.keys(ports), media?.network),
      prepareState(frozen, workspace, storage, signal),
    ]);
    const { monitor, serial, netboot } = lines.named;
    const spec: MachineSpec = {
      ...own.spec,
      name: request.name,
      firmware: await withBlank(own.spec, workspace),
      ...{ monitor, serial, ports: lines.named.ports },
      tpm: tpmSpec && { ...tpmSpec, socket },
      ...(media && { media: { ...media, ...(netboot !== undefined && { server: netboot }) } }),
      updates: frozen.spec.updates && { ...frozen.spec.updates, socket: lines.updates.socket },
    };
    const release = () => owned[Symbol.asyncDispose]();
    const parts = {
      ...own,
      spec,
      tools,
      storage,
      workspace,
      evidenceFolder,
      release,
      lines: lines.lines,
      updates: lines.updates,
      tpm,
      tpmState,
    };
    return new QemuHardware(parts);
  } catch (error) {
    await owned[Symbol.asyncDispose]();
    throw error;
  }
}
