import { join } from "node:path";
import type { Disposal } from "../model/disposal.ts";
import type { BootMedia } from "../model/media.ts";
import type { MachineSpec } from "./argv.ts";
import { FifoLine } from "./fifo.ts";
import type { PowerLines } from "./power.ts";
import { Listener } from "./socket.ts";
import { UpdateServer } from "./updates.ts";

/** The host's ends of everything a machine speaks over, in its workspace. */
export interface HostLines {
  readonly lines: PowerLines;
  readonly updates: UpdateServer;
  /** What of it the command line names. */
  readonly named: Pick<MachineSpec, "monitor" | "serial" | "ports"> & { readonly netboot: string | undefined };
}

/** Opens a machine's lines: nothing is shared with any other machine. They close with `owned`. */
export async function openLines(
  owned: Disposal,
  workspace: string,
  ports: readonly string[],
  network: BootMedia["network"] | undefined,
): Promise<HostLines> {
  const inside = (name: string) => join(workspace, name);
  const listen = async (name: string) => owned.use(await Listener.open(inside(name)));
  const serve = async (name: string) => owned.use(await UpdateServer.open(inside(name)));
  const [monitor, serial, updates, netboot, ...listeners] = await Promise.all([
    listen("monitor"),
    FifoLine.open(inside("serial")).then((line) => owned.use(line)),
    serve("updates"),
    network?.over === "http" ? serve("netboot") : undefined,
    ...ports.map((_, index) => listen(`port${index}`)),
  ]);
  netboot?.serve(network?.folder as string);
  const named = new Map(ports.map((name, index) => [name, listeners[index] as Listener]));
  return {
    lines: { monitor, serial, ports: named },
    updates,
    named: {
      monitor: monitor.path,
      serial: serial.path,
      ports: Object.fromEntries([...named].map(([name, listener]) => [name, listener.path])),
      netboot: netboot?.socket,
    },
  };
}
