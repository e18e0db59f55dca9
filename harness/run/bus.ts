import { createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";
import type { MachineEvent } from "../model/events.ts";

/** Where machines tell what they do while they do it. */
export interface Bus extends AsyncDisposable {
  /** Address of the unix socket: an abstract one (unix(7)), which leaves nothing behind when this process is killed. */
  readonly path: string;
  on(listener: (event: MachineEvent) => void): void;
  /** Whether some machine has said it opened under this evidence folder name and not that it closed. */
  isOpen(cell: string): boolean;
}

/** Opens a bus. A line that is no event is dropped: what is shown live must never end a run. */
export async function openBus(): Promise<Bus> {
  const path = `\0osbench-bus-${process.pid}-${crypto.randomUUID()}`;
  const listeners: ((event: MachineEvent) => void)[] = [];
  const sockets = new Set<Socket>();
  const machines = new Map<string, string>();
  const hear = (line: string) => {
    const event = eventOf(line);
    if (!event) return;
    if (event.type === "opened") machines.set(event.machine, event.cell);
    if (event.type === "closed") machines.delete(event.machine);
    for (const listener of listeners) listener(event);
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
    createInterface({ input: socket }).on("line", hear);
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen({ path }, resolve));
  server.unref();
  return {
    path,
    on: (listener) => void listeners.push(listener),
    isOpen: (cell) => [...machines.values()].includes(cell),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function eventOf(line: string): MachineEvent | undefined {
  try {
    const event = JSON.parse(line) as Partial<MachineEvent> | null;
    return typeof event?.machine === "string" && typeof event.cell === "string" && typeof event.type === "string"
      ? (event as MachineEvent)
      : undefined;
  } catch {
    return undefined;
  }
}
