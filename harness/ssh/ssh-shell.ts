import pRetry from "p-retry";
import ssh2, { type ClientChannel, type ConnectConfig } from "ssh2";
import { deadline } from "../model/deadline.ts";
import { ClaimFailed, HarnessError } from "../model/errors.ts";
import type { CommandResult, RunOptions, Shell } from "../model/shell.ts";

export interface SshEndpoint {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** OpenSSH private key. */
  readonly privateKey: string;
}

const defaultTimeoutMs = 60_000;

/** A key pair in OpenSSH's formats, made for one machine. */
export function makeKeyPair(comment: string): { privateKey: string; publicKey: string } {
  const pair = ssh2.utils.generateKeyPairSync("ed25519", { comment });
  return { privateKey: pair.private, publicKey: pair.public };
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

  /** Connects, trying again while the server does not answer yet, until the signal aborts. A refused key is not tried again. */
  static async open(endpoint: SshEndpoint, signal: AbortSignal): Promise<SshShell> {
    return new SshShell(await connectWhenUp(endpoint, signal));
  }

  async run(command: string, options: RunOptions = {}): Promise<CommandResult> {
    if (this.#broken) throw new HarnessError("OSB_SHELL_LOST", `the ssh shell cannot be used any more: ${this.#broken}`);
    const wait = deadline(`\`${command}\` to end (ssh)`, options.timeoutMs ?? defaultTimeoutMs, options.signal);
    const started = performance.now();
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    let channel: ClientChannel | undefined;
    try {
      const code = await new Promise<number>((resolve, reject) => {
        wait.signal.addEventListener("abort", () => reject(wait.signal.reason as Error), { once: true });
        this.#client.once("close", () => reject(new HarnessError("OSB_SHELL_LOST", `the ssh connection closed while \`${command}\` ran`)));
        this.#client.exec(command, (error, opened) => {
          if (error)
            return reject(new HarnessError("OSB_SHELL_LOST", `ssh could not start \`${command}\`: ${error.message}`, { cause: error }));
          channel = opened;
          let ended = { code: undefined as number | undefined, signal: undefined as string | undefined };
          opened.on("data", (chunk: Buffer) => stdout.push(chunk));
          opened.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
          opened.on("exit", (exitCode: number | null, name?: string) => (ended = { code: exitCode ?? undefined, signal: name }));
          opened.on("close", () => {
            if (ended.code === undefined && ended.signal === undefined)
              reject(new HarnessError("OSB_SHELL_LOST", `\`${command}\` ended without an exit status`));
            else resolve(ended.code ?? 128);
          });
          opened.end(options.stdin === undefined ? undefined : Buffer.from(options.stdin));
        });
      });
      const bytes = Buffer.concat(stdout);
      const errorBytes = Buffer.concat(stderr);
      return {
        command,
        code,
        stdout: bytes.toString(),
        stderr: errorBytes.toString(),
        stdoutBytes: bytes,
        stderrBytes: errorBytes,
        durationMs: performance.now() - started,
      };
    } catch (error) {
      channel?.close();
      throw wait.explain(error, () => ({
        "stdout so far": Buffer.concat(stdout).toString(),
        "stderr so far": Buffer.concat(stderr).toString(),
      }));
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

/** Connects as soon as the server answers. A refused key is not tried again. Rejects with the signal's reason. */
export async function connectWhenUp(endpoint: SshEndpoint, signal: AbortSignal): Promise<ssh2.Client> {
  return await pRetry(() => connect(endpoint, signal), {
    signal,
    retries: Number.POSITIVE_INFINITY,
    minTimeout: 100,
    maxTimeout: 1000,
    shouldRetry: ({ error }) => !(error instanceof ClaimFailed),
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
