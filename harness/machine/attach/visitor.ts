import type { Socket } from "node:net";
import { createInterface } from "node:readline";
import { OsbenchError } from "../../model/errors.ts";
import type { CommandResult, Way } from "../../model/shell.ts";
import type { FromMachine, MachineFacts, SerialTap, ToMachine } from "./attachment.ts";

/** What a visitor may see and do. */
export interface House {
  facts(): Promise<MachineFacts>;
  writable(): boolean;
  readonly serial: SerialTap;
  resize(columns: number, rows: number): void;
  run(command: string, way: Way | undefined): Promise<CommandResult>;
  release(): void;
  /** The visitor is gone; `stayed` if it watched the console and did not say that it only steps out. */
  gone(stayed: boolean): void;
}

/** Bytes that may wait for a reader that does not read: then it is shown out, for the machine must not fill the host's memory. */
const patience = 8 * 1024 * 1024;

/** One person (or program) at a machine's socket. */
export class Visitor {
  readonly #socket: Socket;
  readonly #house: House;
  #stop: (() => void) | undefined;
  #stepsOut = false;

  constructor(socket: Socket, house: House) {
    this.#socket = socket;
    this.#house = house;
    socket.unref();
    socket.on("error", () => {}).once("close", () => this.#leave());
    createInterface({ input: socket })
      .on("error", () => {})
      .on("line", (line) => this.#hear(line));
    void this.tellFacts();
  }

  get watches(): boolean {
    return this.#stop !== undefined;
  }

  async tellFacts(): Promise<void> {
    try {
      this.#say({ type: "facts", facts: await this.#house.facts() });
    } catch {
      this.#socket.destroy();
    }
  }

  close(): void {
    this.#socket.end();
  }

  #hear(line: string): void {
    const message = messageOf(line);
    if (message === undefined) return;
    const house = this.#house;
    if (message.type === "watch") {
      this.#stop ??= house.serial.listen((bytes) => this.#say({ type: "output", data: Buffer.from(bytes).toString("base64") }));
    } else if (message.type === "detach") this.#stepsOut = true;
    else if (message.type === "release") house.release();
    else if (message.type === "size") house.resize(message.columns, message.rows);
    else if (message.type === "run") void this.#run(message.id, message.command, message.way);
    else if (message.type === "input" && house.writable()) house.serial.write(Buffer.from(message.data, "base64"));
  }

  async #run(id: number, command: string, way: Way | undefined): Promise<void> {
    if (!this.#house.writable()) {
      const hint = "Wait for its end, or run it with --pause-on-failure to get the machine of a test that fails.";
      return this.#say({ type: "refused", id, message: "a test runs on this machine: a command of yours could change its outcome", hint });
    }
    try {
      const { code, stdoutBytes, stderr } = await this.#house.run(command, way);
      const bytes = { stdout: Buffer.from(stdoutBytes).toString("base64"), stderr: Buffer.from(stderr).toString("base64") };
      this.#say({ type: "result", id, code, ...bytes });
    } catch (error) {
      const hint = error instanceof OsbenchError ? error.hint : undefined;
      this.#say({ type: "refused", id, message: error instanceof Error ? error.message : String(error), hint });
    }
  }

  #say(message: FromMachine): void {
    if (!this.#socket.writable) return;
    this.#socket.write(`${JSON.stringify(message)}\n`);
    if (this.#socket.writableLength > patience) this.#socket.destroy();
  }

  #leave(): void {
    const watched = this.watches;
    this.#stop?.();
    this.#stop = undefined;
    this.#house.gone(watched && !this.#stepsOut);
  }
}

/** A line that is no message is dropped: whoever talks nonsense must not end a test. */
function messageOf(line: string): ToMachine | undefined {
  try {
    const message = JSON.parse(line) as ToMachine | null;
    return typeof message?.type === "string" ? message : undefined;
  } catch {
    return undefined;
  }
}
