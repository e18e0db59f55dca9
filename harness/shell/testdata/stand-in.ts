import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { Duplex } from "node:stream";
// The toolbox's shells: what this room may not know is what its tests stand on.
// oxlint-disable-next-line typescript/no-restricted-imports
import { openTools } from "../../host/toolbox.ts";
// oxlint-disable-next-line typescript/no-restricted-imports
import { toolFile } from "../../host/tools.ts";
import { openChannelShell } from "../channel-shell.ts";
import type { GuestShell } from "../guest-shell.ts";
import { streamLine, type Line } from "../line.ts";
import { openFramedShell } from "../serial-shell.ts";

export const shellNames = ["dash", "bash", "busybox"] as const;
export type ShellName = (typeof shellNames)[number];

/** Where a guest's shell would stand, a real one of this host stands. */
export interface StandIn {
  readonly shell: GuestShell;
  readonly process: ChildProcess;
  /** The host's end as bytes: what the shell's user writes and hears goes through here. */
  readonly wire: Wire;
  /** Two lines, for another shell to be opened over. */
  readonly lines?: readonly [Duplex, Duplex];
}

/** A line whose bytes can be changed on their way. */
export class Wire implements Line {
  readonly #line: Line;
  /** What arrives instead of what was written or said. */
  toGuest: (text: string) => string = (text) => text;
  toHost: (chunk: Buffer) => Buffer = (chunk) => chunk;
  readonly #listeners = new Set<(chunk: Uint8Array) => void>();

  constructor(line: Line) {
    this.#line = line;
    line.listen((chunk) => this.say(this.toHost(Buffer.from(chunk))));
  }

  /** The host hears this. */
  say(chunk: Uint8Array): void {
    for (const listener of this.#listeners) listener(chunk);
  }

  async write(data: string | Uint8Array): Promise<void> {
    await this.#line.write(this.toGuest(Buffer.from(data as string).toString("latin1")));
  }

  listen(listener: (chunk: Uint8Array) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  onLost(listener: (reason: string) => void): () => void {
    return this.#line.onLost(listener);
  }
}

/** How a shell may stand on lines: with one of its own for stderr, on one for all, on a terminal, on a terminal as a person's shell. */
export type LineKind = "two lines" | "one line" | "terminal" | "login terminal" | "terminal below a login";

/** Starts a shell of this name in a session of its own and opens the protocol over it. `without` programs it does not find. */
export async function standIn(
  folder: string,
  kind: LineKind,
  name: ShellName,
  options: { without?: readonly string[]; signal?: AbortSignal } = {},
): Promise<StandIn> {
  const bin = join(folder, "bin");
  mkdirSync(bin);
  const file = toolFile(await openTools("toolbox"), `/usr/bin/busybox`);
  symlinkSync(name === "busybox" ? file : `/bin/${name}`, join(bin, "sh"));
  symlinkSync("/bin/bash", join(bin, "login"));
  const env = { HOME: folder, PATH: `${bin}:/usr/sbin:/usr/bin:/sbin:/bin` };
  if (options.without) {
    const tools = ["cat", "head", "tail", "dd", "od", "rm", "mkdir", "stty", "sleep", "base64", "sha256sum", "cksum", "seq", "env", "ls"];
    for (const tool of tools) if (!options.without.includes(tool)) symlinkSync(`/usr/bin/${tool}`, join(bin, tool));
    env.PATH = bin;
  }
  const sh = join(bin, "sh");
  const signal = options.signal ?? AbortSignal.timeout(60_000);
  const argv: Record<LineKind, string[]> = {
    "two lines": [sh],
    "one line": [sh],
    terminal: ["/usr/bin/script", "-qfec", `exec ${sh} 2>/dev/null`, "/dev/null"],
    // A login that waits for the shell's end, as those with PAM do.
    "terminal below a login": ["/usr/bin/script", "-qfec", `exec ${join(bin, "login")} -c '${sh} 2>/dev/null; :'`, "/dev/null"],
    "login terminal": ["/usr/bin/script", "-qfec", name === "bash" ? "exec bash --norc" : `exec ${sh}`, "/dev/null"],
  };
  const [command = "", ...rest] = argv[kind];
  const process = spawn(command, rest, { stdio: ["pipe", "pipe", kind === "two lines" ? "pipe" : "ignore"], detached: true, env });
  const stream = Duplex.from({ readable: process.stdout, writable: process.stdin }) as Duplex;
  stream.on("error", () => {});
  if (kind === "two lines") {
    const errors = Duplex.from({ readable: process.stderr as NonNullable<typeof process.stderr> }) as Duplex;
    return { shell: await openChannelShell(stream, errors, signal), process, wire: new Wire(streamLine(stream)), lines: [stream, errors] };
  }
  const wire = new Wire(streamLine(stream));
  const standing = kind === "login terminal" ? "login" : "sh";
  return { shell: await openFramedShell(wire, { way: "serial", standing }, signal), process, wire };
}

/** Ends a stand-in and all of its session. */
export async function end({ shell, process }: StandIn): Promise<void> {
  await shell[Symbol.asyncDispose]();
  if (process.exitCode !== null || process.signalCode !== null) return;
  const gone = new Promise((resolve) => process.once("exit", resolve));
  // What it started and nobody waits for would run on for good.
  globalThis.process.kill(-(process.pid as number), "SIGKILL");
  await gone;
}
