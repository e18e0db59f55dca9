import { connect, createServer, type Server, type Socket } from "node:net";
import { HarnessError, InputError } from "../model/errors.ts";

/** Who holds a claim. */
export interface Holder {
  readonly pid: number;
  readonly command: string;
  /** ISO 8601, UTC. */
  readonly started: string;
}

/** Something only one process of this host has at a time; given back at disposal and, by the kernel, at any death of the process. */
export interface Claim extends AsyncDisposable {
  readonly name: string;
}

/** Another run has this host. */
export class HostTaken extends InputError {
  /** Undefined if the holder does not say who it is. */
  readonly holder: Holder | undefined;

  constructor(holder: Holder | undefined) {
    const what = `this host is taken by another run: ${describe(holder)}`;
    const remedy = "Wait for it (`osbench run --wait` does) or end it: two runs at once would slow each other down beyond their deadlines.";
    super([{ at: { flag: "osbench" }, what, remedy }], "OSB_HOST_TAKEN");
    this.holder = holder;
  }
}

/**
 * Claims this host for one run. Throws HostTaken naming the run that holds it, or with `wait` waits until it has ended. An abstract unix socket
 * (unix(7)) stands for the claim: no file stays behind when the holder is killed.
 */
export async function claimMachine(command: string, name = "run", wait?: LockOptions): Promise<Claim> {
  for (;;) {
    wait?.signal?.throwIfAborted();
    const got = await attempt(name, command);
    if ("release" in got) return got.release;
    if (!wait) {
      got.line.destroy();
      throw new HostTaken(got.holder);
    }
    wait.progress?.(`waiting for this host, which another run has: ${describe(got.holder)}`);
    await closed(got.line, wait.signal);
  }
}

export interface LockOptions {
  readonly progress?: ((line: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Runs `work` while no other process of this host is in a `withLock` of the same name; waits for the holder's end, saying who it is. */
export async function withLock<T>(name: string, what: string, options: LockOptions, work: () => Promise<T>): Promise<T> {
  for (;;) {
    options.signal?.throwIfAborted();
    const got = await attempt(name, `${what} (${process.argv.slice(1).join(" ")})`);
    if ("release" in got) {
      try {
        return await work();
      } finally {
        await got.release[Symbol.asyncDispose]();
      }
    }
    options.progress?.(`waiting for another process: ${describe(got.holder)}`);
    await closed(got.line, options.signal);
  }
}

function describe(holder: Holder | undefined): string {
  return holder ? `process ${holder.pid}, started ${holder.started}: ${holder.command}` : "a process that does not say who it is";
}

type Attempt = { release: Claim } | { holder: Holder | undefined; line: Socket };

async function attempt(name: string, command: string): Promise<Attempt> {
  // sun_path holds 108 bytes; longer names are told apart by their end, which for our lock files is the digest.
  const address = `\0osbench-${name.slice(-90)}`;
  const holder: Holder = { pid: process.pid, command, started: new Date().toISOString() };
  // The holder may end between our two questions: then its name is free, and asking again succeeds.
  for (let tries = 0; tries < 20; tries++) {
    const server = await listen(address, holder);
    if (server) return { release: release(name, server) };
    const answer = await ask(address);
    if (answer) return answer;
  }
  throw new HarnessError("OSB_LOCK", `the lock "${name}" changed hands twenty times while being asked for`);
}

interface Held {
  readonly server: Server;
  readonly lines: Set<Socket>;
}

function listen(address: string, holder: Holder): Promise<Held | undefined> {
  return new Promise((resolve, reject) => {
    const lines = new Set<Socket>();
    const server = createServer((line) => {
      lines.add(line.unref());
      line.on("error", () => {}).on("close", () => lines.delete(line));
      line.resume().write(`${JSON.stringify(holder)}\n`);
    });
    server.once("error", (error: NodeJS.ErrnoException) => (error.code === "EADDRINUSE" ? resolve(undefined) : reject(error)));
    server.listen({ path: address }, () => resolve({ server: server.unref(), lines }));
  });
}

function release(name: string, held: Held): Claim {
  return {
    name,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        held.server.close(() => resolve());
        for (const line of held.lines) line.destroy();
      }),
  };
}

/** Asks the holder who it is; the line stays open as long as the holder lives. Undefined if there is none any more. */
function ask(address: string): Promise<{ holder: Holder | undefined; line: Socket } | undefined> {
  return new Promise((resolve) => {
    const line = connect({ path: address });
    let text = "";
    // A holder that is busy in one long computation still holds the claim.
    const timer = setTimeout(() => resolve({ holder: undefined, line }), 2000);
    line.on("data", (chunk) => {
      text += chunk.toString();
      if (text.endsWith("\n")) resolve({ holder: JSON.parse(text) as Holder, line });
    });
    line.on("error", () => resolve(undefined));
    line.on("close", () => {
      clearTimeout(timer);
      resolve(undefined);
    });
  });
}

function closed(line: Socket, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      line.destroy();
      reject(signal?.reason as Error);
    };
    if (signal?.aborted) return abort();
    signal?.addEventListener("abort", abort, { once: true });
    line.resume().once("close", () => {
      signal?.removeEventListener("abort", abort);
      resolve();
    });
    if (line.destroyed) resolve();
  });
}
