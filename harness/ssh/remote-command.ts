import { randomBytes } from "node:crypto";
import type { Client, ClientChannel } from "ssh2";
import { unless } from "../model/deadline.ts";
import { HarnessError } from "../model/errors.ts";

/** One command that runs over a connection, and what it has said so far. */
export class RemoteCommand {
  readonly #mark = `<${randomBytes(9).toString("base64url")} `;
  readonly #stdout: Buffer[] = [];
  readonly #stderr: Buffer[] = [];
  #channel: ClientChannel | undefined;
  #closed = false;
  readonly #begun: Promise<void>;
  #settled = () => {};
  /** Resolves with the exit code; rejects with HarnessError OSB_SHELL_LOST if there is none. */
  readonly ended: Promise<number>;

  constructor(client: Client, command: string, stdin: string | Uint8Array | undefined) {
    let begun: (() => void) | undefined;
    this.#begun = new Promise((resolve) => (begun = resolve));
    this.ended = new Promise<number>((resolve, reject) => {
      const lost = (what: string, cause?: Error) => reject(new HarnessError("OSB_SHELL_LOST", what, cause && { cause }));
      const gone = () => lost(`the ssh connection closed while \`${command}\` ran`);
      client.once("close", gone);
      this.#settled = () => client.off("close", gone);
      client.exec(inSession(this.#mark, command), (error, channel) => {
        if (error) return lost(`ssh could not start \`${command}\`: ${error.message}`, error);
        this.#channel = channel;
        let ended: { readonly code: number | undefined } | undefined;
        channel.on("data", (chunk: Buffer) => {
          this.#stdout.push(chunk);
          if (begun && this.pid !== undefined) begun = void begun();
        });
        channel.stderr.on("data", (chunk: Buffer) => this.#stderr.push(chunk));
        channel.on("exit", (code: number | null) => (ended = { code: code ?? undefined }));
        channel.on("close", () => {
          this.#closed = true;
          if (ended) resolve(ended.code ?? 128);
          else lost(`\`${command}\` ended without an exit status`);
        });
        channel.end(stdin === undefined ? undefined : Buffer.from(stdin as string));
      });
    }).finally(() => this.#settled());
    this.ended.catch(() => {});
  }

  get stdout(): Buffer {
    return this.#parted().rest;
  }

  get stderr(): Buffer {
    return Buffer.concat(this.#stderr);
  }

  /** The process that runs the command, once it said so, until it ended. */
  get pid(): string | undefined {
    return this.#closed ? undefined : this.#parted().pid;
  }

  /** Resolves once `pid` is known or the command has ended. Rejects with the signal's reason. */
  async begun(signal: AbortSignal): Promise<void> {
    await unless(signal, Promise.race([this.#begun, this.ended]));
  }

  /** Lets go of a command that will not end. */
  drop(): void {
    this.#channel?.close();
  }

  /** Whatever a login shell says of its own before is the command's: nobody can tell. */
  #parted(): { readonly pid?: string; readonly rest: Buffer } {
    const all = Buffer.concat(this.#stdout);
    const at = all.indexOf(this.#mark);
    const end = at < 0 ? -1 : all.indexOf(">\n", at);
    if (end < 0) return { rest: all };
    return { pid: all.toString("latin1", at + this.#mark.length, end), rest: Buffer.concat([all.subarray(0, at), all.subarray(end + 2)]) };
  }
}

/**
 * The process that runs the command says who it is, before anything the command says, and leads a session: by that its children are known once
 * their parents are gone. OpenSSH makes one for every command, dropbear does not; setsid(1) would start another process if ours led a group.
 */
function inSession(mark: string, command: string): string {
  return `osb_c='${command.replaceAll("'", "'\\''")}'
printf '${mark}%s>\\n' $$
{ read -r osb_s </proc/$$/stat; } 2>/dev/null
set -- \${osb_s##*) }
[ "\${4-$$}" = $$ ] || [ "$3" = $$ ] || ! command -v setsid >/dev/null || exec setsid sh -c "$osb_c"
set --
unset osb_s
eval "$osb_c"`;
}
