import { readFile } from "node:fs/promises";
import { join } from "node:path";
import pRetry from "p-retry";
import ssh2, { type ConnectConfig } from "ssh2";
import { deadline, unless } from "../model/deadline.ts";
import { ClaimFailed, HarnessError } from "../model/errors.ts";
import type { CommandResult, RunOptions, Shell } from "../model/shell.ts";
import { RemoteCommand } from "./remote-command.ts";

export interface SshEndpoint {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** OpenSSH private key. */
  readonly privateKey: string;
}

export interface SshOptions {
  /** What a refused key means: `final`, or that the guest may learn of it `later`. */
  readonly refusals?: "final" | "later";
}

const defaultTimeoutMs = 60_000;
const stopTimeoutMs = 30_000;
const killProgram = join(import.meta.dirname, "kill.sh");

/** A key pair in OpenSSH's formats, made for one machine. */
export function makeKeyPair(comment: string): { privateKey: string; publicKey: string } {
  const pair = ssh2.utils.generateKeyPairSync("ed25519", { comment });
  return { privateKey: pair.private, publicKey: pair.public };
}

/** The pair a private key's text (OpenSSH, PEM) stands for; undefined if it is none, or asks for a passphrase. */
export function readKeyPair(text: string): { privateKey: string; publicKey: string } | undefined {
  const key = ssh2.utils.parseKey(text);
  if (key instanceof Error || !key.isPrivateKey()) return undefined;
  return { privateKey: text, publicKey: `${key.type} ${key.getPublicSSH().toString("base64")} osbench` };
}

/** Commands over SSH. One connection, kept until the machine goes away; a frozen peer is noticed within seconds. */
export class SshShell implements Shell {
  readonly way = "ssh";
  readonly #client: ssh2.Client;
  #broken: string | undefined;

  private constructor(client: ssh2.Client) {
    this.#client = client;
    client.on("error", (error) => (this.#broken ??= error.message));
    client.on("close", () => (this.#broken ??= "the connection closed"));
  }

  /** False once nothing can be run any more. */
  get usable(): boolean {
    return this.#broken === undefined;
  }

  /** Connects, trying again while the server does not answer yet, until the signal aborts. A refused key is not tried again. */
  static async open(endpoint: SshEndpoint, signal: AbortSignal, options?: SshOptions): Promise<SshShell> {
    return new SshShell(await connectWhenUp(endpoint, signal, options));
  }

  async run(command: string, options: RunOptions = {}): Promise<CommandResult> {
    if (this.#broken) throw new HarnessError("OSB_SHELL_LOST", `the ssh shell cannot be used any more: ${this.#broken}`);
    const wait = deadline(`\`${command}\` to end (ssh)`, options.timeoutMs ?? defaultTimeoutMs, options.signal);
    const started = performance.now();
    const running = new RemoteCommand(this.#client, command, options.stdin);
    try {
      const code = await unless(wait.signal, running.ended);
      const { stdout, stderr } = running;
      return {
        command,
        code,
        stdout: stdout.toString(),
        stderr: stderr.toString(),
        stdoutBytes: stdout,
        stderrBytes: stderr,
        durationMs: performance.now() - started,
      };
    } catch (error) {
      if (!wait.signal.aborted || error !== wait.signal.reason) throw error;
      const killed = await this.#stop(command, running);
      throw wait.explain(error, () => ({
        "stdout so far": running.stdout.toString(),
        "stderr so far": running.stderr.toString(),
        "killed in the guest": killed,
      }));
    } finally {
      wait.clear();
    }
  }

  /** Kills the command in the guest over a second channel and waits for its end; resolves with what was killed. */
  async #stop(command: string, running: RemoteCommand): Promise<string> {
    const wait = deadline(`\`${command}\` to be killed in the guest`, stopTimeoutMs);
    try {
      await running.begun(wait.signal);
      if (running.pid === undefined) return "nothing was left";
      const killing = new RemoteCommand(this.#client, `exec sh -s ${running.pid}`, await readFile(killProgram));
      const code = await unless(wait.signal, killing.ended);
      if (code !== 0)
        throw new HarnessError("OSB_SHELL_KILL", `it could not be killed: ${killing.stdout.toString()}${killing.stderr.toString()}`);
      await unless(wait.signal, running.ended);
      return killing.stdout.toString().trim() || "nothing was left";
    } catch (error) {
      running.drop();
      this.#broken ??= `\`${command}\` did not end and could not be killed`;
      this.#client.destroy();
      return `nothing: ${String(wait.explain(error))}`;
    } finally {
      wait.clear();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#broken) return;
    this.#broken = "it was closed";
    const closed = new Promise<void>((resolve) => this.#client.once("close", () => resolve()));
    this.#client.end();
    const timer = setTimeout(() => this.#client.destroy(), 1000);
    await closed;
    clearTimeout(timer);
  }
}

/** Connects as soon as the server answers. A refused key is not tried again, unless it may be known later. Rejects with the signal's reason. */
export async function connectWhenUp(
  endpoint: SshEndpoint,
  signal: AbortSignal,
  { refusals = "final" }: SshOptions = {},
): Promise<ssh2.Client> {
  return await pRetry(() => connect(endpoint, signal), {
    signal,
    retries: Number.POSITIVE_INFINITY,
    minTimeout: 100,
    maxTimeout: 1000,
    shouldRetry: ({ error }) => refusals === "later" || !(error instanceof ClaimFailed),
  });
}

async function connect(endpoint: SshEndpoint, signal: AbortSignal): Promise<ssh2.Client> {
  const client = new ssh2.Client();
  const config: ConnectConfig = {
    host: endpoint.host,
    port: endpoint.port,
    username: endpoint.user,
    privateKey: endpoint.privateKey,
    // An emulated guest needs seconds for its key exchange.
    readyTimeout: 30_000,
    keepaliveInterval: 2000,
    keepaliveCountMax: 5,
  };
  try {
    await new Promise<void>((resolve, reject) => {
      const abort = () => reject(signal.reason as Error);
      signal.addEventListener("abort", abort, { once: true });
      client.once("ready", () => {
        signal.removeEventListener("abort", abort);
        resolve();
      });
      client.on("error", (error: Error & { level?: string }) => {
        if (error.level === "client-authentication")
          reject(new ClaimFailed("OSB_SSH_REFUSED", `the SSH server refused the key given to ${endpoint.user}`, { cause: error }));
        else reject(error);
      });
      client.once("close", () => reject(new Error("the connection closed before it was ready")));
      client.connect(config);
    });
    return client;
  } catch (error) {
    client.destroy();
    throw error;
  }
}
