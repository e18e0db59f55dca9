import type { ClientChannel } from "ssh2";
import { HarnessError } from "../model/errors.ts";
import { connectWhenUp, type SshEndpoint } from "./ssh-shell.ts";

/** A login shell on a terminal of the guest's, for a person. Disposal hangs up. */
export interface SshTerminal extends Disposable {
  listen(listener: (bytes: Uint8Array) => void): () => void;
  write(bytes: Uint8Array): void;
  resize(columns: number, rows: number): void;
  /** Resolves with the shell's exit code, or undefined if the connection broke. */
  readonly ended: Promise<number | undefined>;
}

/** Logs in as soon as the server answers. Throws ClaimFailed if it refuses the key, HarnessError if it gives no terminal. */
export async function openSshTerminal(endpoint: SshEndpoint, signal: AbortSignal): Promise<SshTerminal> {
  const client = await connectWhenUp(endpoint, signal);
  client.on("error", () => {});
  const channel = await new Promise<ClientChannel>((resolve, reject) => {
    client.shell({ term: process.env["TERM"] ?? "xterm" }, (error, opened) => {
      if (error) reject(new HarnessError("OSB_SHELL_LOST", `ssh could not start a shell: ${error.message}`, { cause: error }));
      else resolve(opened);
    });
  }).catch((error: unknown) => {
    client.destroy();
    throw error;
  });
  channel.stderr.resume();
  const ended = new Promise<number | undefined>((resolve) => {
    let code: number | undefined;
    channel.on("exit", (exitCode: number | null) => (code = exitCode ?? undefined));
    channel.on("close", () => resolve(code));
    client.on("close", () => resolve(code));
  });
  return {
    ended,
    listen(listener) {
      channel.on("data", listener);
      return () => void channel.off("data", listener);
    },
    write: (bytes) => void channel.write(bytes),
    resize: (columns, rows) => channel.setWindow(rows, columns, 0, 0),
    [Symbol.dispose]: () => void client.end(),
  };
}
