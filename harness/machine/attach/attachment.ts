import type { Phase } from "../../model/phase.ts";
import type { Way } from "../../model/shell.ts";

/** How to log in over SSH from this host. */
export interface SshAccess {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Path of an OpenSSH private key that only its owner may read. */
  readonly keyFile: string;
}

/** The command line that logs in, ready to be pasted into a shell. The host key is new with every machine, so nobody can know it. */
export function sshCommand({ host, port, user, keyFile }: SshAccess): string {
  const lax = "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR";
  return `ssh -i ${keyFile} -o IdentitiesOnly=yes -p ${port} ${lax} ${user}@${host}`;
}

/** What a running machine says of itself to people of the same host. */
export interface MachineFacts {
  /** What it is attached by, e.g. `tiny-4f2a`. */
  readonly name: string;
  readonly image: string;
  readonly target: string;
  /** What it runs for: the cell of a run, `boot`, `shell`. */
  readonly cell: string;
  /** The process that owns it. */
  readonly pid: number;
  /** Milliseconds since the epoch. */
  readonly started: number;
  readonly phase: Phase;
  /** Ways to a shell in it, the preferred one first. */
  readonly ways: readonly Way[];
  /** Undefined while it is off or when it has no SSH. */
  readonly ssh: SshAccess | undefined;
  /** Why its power is gone, and who took it; undefined until it was once on and then off. */
  readonly off: { readonly reason: string; readonly by: "guest" | "plug" | "broken" } | undefined;
  /** Whether people may type into it: not while a test runs on it. */
  readonly writable: boolean;
  /** Why it is kept although its test is over; undefined while it is not. */
  readonly paused: string | undefined;
}

/** Why a pause ended: somebody asked for it, the person who had attached went away, its time was up, or the machine's owner ended it. */
export type PauseEnd = "released" | "left" | "time" | "ended";

/** The exact bytes of a serial line, for people beside the harness: whatever listens or types here, the recorder goes on recording. */
export interface SerialTap {
  /** Calls the listener with what the line says, from its last screenful on; returns what ends that. */
  listen(listener: (bytes: Uint8Array) => void): () => void;
  write(bytes: Uint8Array): void;
}

/** Where people get at a machine while it runs. */
export interface Attachment {
  readonly serial: SerialTap;
  facts(): Promise<MachineFacts>;
  /** Tells the guest how large the terminal at its serial console is, if there is a second way in to tell it by. */
  resize(columns: number, rows: number): void;
  /** Lets people type, and resolves once they are done with the machine. */
  pause(reason: string, options: { readonly signal: AbortSignal; readonly forMs: number | undefined }): Promise<PauseEnd>;
}

/** Name of the socket in a machine's workspace. */
export const attachSocket = "attach";

/** What is said over that socket: one JSON object a line, bytes as base64. */
export type FromMachine =
  | { readonly type: "facts"; readonly facts: MachineFacts }
  | { readonly type: "output"; readonly data: string }
  | { readonly type: "result"; readonly id: number; readonly code: number; readonly stdout: string; readonly stderr: string }
  | { readonly type: "refused"; readonly id: number; readonly message: string; readonly hint: string | undefined };

export type ToMachine =
  | { readonly type: "watch" }
  | { readonly type: "input"; readonly data: string }
  | { readonly type: "run"; readonly id: number; readonly command: string; readonly way: Way | undefined }
  | { readonly type: "size"; readonly columns: number; readonly rows: number }
  /** The person stays away from now on without ending a pause. */
  | { readonly type: "detach" }
  | { readonly type: "release" };
