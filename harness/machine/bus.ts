import { connect, type Socket } from "node:net";
import type { Hit } from "../diagnosis/matcher.ts";
import type { MachineEvent } from "../model/events.ts";

type Told<E> = E extends unknown ? Omit<E, "machine" | "cell" | "at"> : never;

/** Tells whoever watches the run what a machine does. Nobody listening is no error: telling must never disturb a test. */
export class Bus {
  readonly #socket: Socket | undefined;
  readonly #machine: string;
  readonly #cell: string;

  constructor(path: string | undefined, machine: string, cell: string) {
    this.#machine = machine;
    this.#cell = cell;
    if (path === undefined) return;
    this.#socket = connect(path);
    this.#socket.on("error", () => {});
    this.#socket.unref();
  }

  tell(event: Told<MachineEvent>): void {
    this.#socket?.write(`${JSON.stringify({ machine: this.#machine, cell: this.#cell, at: Date.now(), ...event })}\n`);
  }

  sign({ signature: { id, means, ends }, line }: Hit): void {
    this.tell({ type: "sign", id, means, ends: ends === true, line });
  }

  close(): void {
    this.tell({ type: "closed" });
    this.#socket?.end();
  }
}
