import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { deadline } from "../../model/deadline.ts";
import { HarnessError } from "../../model/errors.ts";
import type { Way } from "../../model/shell.ts";
import type { FromMachine, MachineFacts, SerialTap, ToMachine } from "./attachment.ts";

/** What a command run through an attached machine's shell did. */
export interface AttachedResult {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

interface Waiting {
  resolve(result: AttachedResult): void;
  reject(error: Error): void;
}

const answerMs = 5000;

/** A machine of another process of this host, met at its socket. */
export class Attached implements Disposable, SerialTap {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners = new Set<(bytes: Uint8Array) => void>();
  readonly #onFacts: ((facts: MachineFacts) => void)[] = [];
  #facts: MachineFacts | undefined;
  #ids = 0;
  /** Resolves when the machine is gone, or this line to it was closed. */
  readonly gone: Promise<void>;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.gone = new Promise((resolve) => socket.once("close", () => resolve()));
    void this.gone.then(() => {
      for (const { reject } of this.#waiting.values()) reject(gone());
    });
    createInterface({ input: socket })
      .on("error", () => {})
      .on("line", (line) => {
        const message = messageOf(line);
        if (message) this.#hear(message);
      });
  }

  /** Meets the machine. Throws HarnessError if nobody answers there within seconds. */
  static async at(path: string): Promise<Attached> {
    const socket = connect(path);
    socket.on("error", () => {});
    const attached = new Attached(socket);
    const wait = deadline(`the machine at ${path} to say what it is`, answerMs);
    try {
      await new Promise<void>((resolve, reject) => {
        attached.#onFacts.push(() => resolve());
        wait.signal.addEventListener("abort", () => reject(wait.signal.reason as Error), { once: true });
        void attached.gone.then(() => reject(new HarnessError("OSB_MACHINE_GONE", `nobody answers at ${path}`)));
      });
      return attached;
    } catch (error) {
      socket.destroy();
      throw wait.explain(error);
    } finally {
      wait.clear();
    }
  }

  /** What the machine said of itself last. */
  get facts(): MachineFacts {
    return this.#facts as MachineFacts;
  }

  onFacts(listener: (facts: MachineFacts) => void): void {
    this.#onFacts.push(listener);
  }

  listen(listener: (bytes: Uint8Array) => void): () => void {
    if (this.#listeners.size === 0) this.#say({ type: "watch" });
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  write(bytes: Uint8Array): void {
    this.#say({ type: "input", data: Buffer.from(bytes).toString("base64") });
  }

  resize(columns: number, rows: number): void {
    this.#say({ type: "size", columns, rows });
  }

  /** Runs a command on a shell in the machine. Throws HarnessError if it refuses or goes away. */
  async run(command: string, way: Way | undefined): Promise<AttachedResult> {
    if (!this.#socket.writable) throw gone();
    const id = ++this.#ids;
    const answer = new Promise<AttachedResult>((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    this.#say({ type: "run", id, command, way });
    try {
      return await answer;
    } finally {
      this.#waiting.delete(id);
    }
  }

  /** Ends the machine's pause. */
  release(): void {
    this.#say({ type: "release" });
  }

  /** Going away from now on does not end a pause. */
  detach(): void {
    this.#say({ type: "detach" });
  }

  /** Everything said before still arrives. */
  [Symbol.dispose](): void {
    this.#socket.end();
    this.#socket.unref();
  }

  #say(message: ToMachine): void {
    if (this.#socket.writable) this.#socket.write(`${JSON.stringify(message)}\n`);
  }

  #hear(message: FromMachine): void {
    if (message.type === "output") {
      for (const listener of [...this.#listeners]) listener(Buffer.from(message.data, "base64"));
    } else if (message.type === "facts") {
      this.#facts = message.facts;
      for (const listener of this.#onFacts) listener(message.facts);
    } else if (message.type === "result") {
      const { id, code, stdout, stderr } = message;
      this.#waiting.get(id)?.resolve({ code, stdout: Buffer.from(stdout, "base64"), stderr: Buffer.from(stderr, "base64") });
    } else {
      const { id, message: what, hint } = message;
      this.#waiting.get(id)?.reject(new HarnessError("OSB_ATTACH_REFUSED", what, { ...(hint !== undefined && { hint }) }));
    }
  }
}

/** A machine that is killed may leave half a line. */
function messageOf(line: string): FromMachine | undefined {
  try {
    return JSON.parse(line) as FromMachine;
  } catch {
    return undefined;
  }
}

function gone(): HarnessError {
  return new HarnessError("OSB_MACHINE_GONE", "the machine is gone");
}
