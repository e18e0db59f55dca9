import { EventEmitter } from "node:events";
import type { Duplex } from "node:stream";
import { HarnessError } from "../model/errors.ts";

export interface QmpEvent {
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** Microseconds since the epoch, by QEMU's clock. */
  readonly timestampUs: number;
}

interface Pending {
  readonly command: string;
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/**
 * QEMU Machine Protocol over a connected stream: commands in order, events as they come (`event` with a QmpEvent).
 * After the line is lost every pending and later command rejects with OSB_QMP_LOST.
 * Source: QEMU docs/interop/qmp-spec.
 */
export class Qmp extends EventEmitter<{ event: [QmpEvent]; lost: [] }> {
  readonly #stream: Duplex;
  readonly #pending = new Map<number, Pending>();
  #nextId = 1;
  #buffer = "";
  #lost = false;
  readonly #greeting: Promise<void>;
  #greeted: () => void = () => {};

  constructor(stream: Duplex) {
    super();
    this.#stream = stream;
    this.#greeting = new Promise((resolve) => (this.#greeted = resolve));
    stream.setEncoding("utf8");
    stream.on("data", (text: string) => this.#receive(text));
    stream.on("error", () => this.#lose());
    stream.on("close", () => this.#lose());
    stream.resume();
  }

  /** Waits for QEMU's greeting and leaves negotiation mode. Rejects when the signal aborts or the line is lost. */
  async negotiate(signal: AbortSignal): Promise<void> {
    await Promise.race([this.#greeting, aborted(signal), new Promise((_, reject) => this.once("lost", () => reject(lost("negotiate"))))]);
    // QEMU greets before it opens its disks: one that does not answer holds it here.
    await Promise.race([this.execute("qmp_capabilities"), aborted(signal)]);
  }

  async execute<T = unknown>(command: string, args?: Record<string, unknown>): Promise<T> {
    if (this.#lost) throw lost(command);
    const id = this.#nextId++;
    return await new Promise<T>((resolve, reject) => {
      this.#pending.set(id, { command, resolve: resolve as (value: unknown) => void, reject });
      this.#stream.write(`${JSON.stringify({ execute: command, arguments: args, id })}\n`);
    });
  }

  /** A command of the human monitor, for what QMP has no command for; resolves with its text. */
  async human(line: string): Promise<string> {
    return await this.execute<string>("human-monitor-command", { "command-line": line });
  }

  #receive(text: string): void {
    this.#buffer += text;
    for (let end = this.#buffer.indexOf("\n"); end >= 0; end = this.#buffer.indexOf("\n")) {
      const line = this.#buffer.slice(0, end).trim();
      this.#buffer = this.#buffer.slice(end + 1);
      if (line) this.#dispatch(JSON.parse(line) as QmpMessage);
    }
  }

  #dispatch(message: QmpMessage): void {
    if (message.QMP) return this.#greeted();
    if (message.event) {
      const { seconds = 0, microseconds = 0 } = message.timestamp ?? {};
      this.emit("event", { event: message.event, data: message.data ?? {}, timestampUs: seconds * 1e6 + microseconds });
      return;
    }
    const pending = message.id === undefined ? undefined : this.#pending.get(message.id);
    if (!pending || message.id === undefined) return;
    this.#pending.delete(message.id);
    if (message.error) pending.reject(new HarnessError("OSB_QMP", `QEMU refused ${pending.command}: ${message.error.desc}`));
    else pending.resolve(message.return);
  }

  #lose(): void {
    if (this.#lost) return;
    this.#lost = true;
    for (const { command, reject } of this.#pending.values()) reject(lost(command));
    this.#pending.clear();
    this.emit("lost");
  }
}

interface QmpMessage {
  readonly QMP?: object;
  readonly event?: string;
  readonly data?: Record<string, unknown>;
  readonly timestamp?: { readonly seconds?: number; readonly microseconds?: number };
  readonly id?: number;
  readonly return?: unknown;
  readonly error?: { readonly class: string; readonly desc: string };
}

function lost(command: string): HarnessError {
  return new HarnessError("OSB_QMP_LOST", `QEMU's monitor line closed before ${command} was answered`);
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason as Error);
    else signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });
}
