/** The three ways into a machine. */
export const ways = ["channel", "ssh", "serial"] as const;
export type Way = (typeof ways)[number];

export interface RunOptions {
  /** Deadline for the command in milliseconds. A command that does not keep it is killed in the guest, with all it started, and the shell can be used again. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly stdin?: string | Uint8Array;
}

/** What a command did. Output is kept as bytes; `stdout`/`stderr` decode it as UTF-8. */
export interface CommandResult {
  readonly command: string;
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly stdoutBytes: Uint8Array;
  readonly stderrBytes: Uint8Array;
  readonly durationMs: number;
}

/** A POSIX shell as root in the machine, whatever line it is spoken to over. One command at a time. */
export interface Shell extends AsyncDisposable {
  readonly way: Way;
  /** Runs a command (a POSIX sh script) to its end. A non-zero exit is a result, not an error. Throws HarnessError on time-out (with what was killed and what it had said as evidence) or a lost line (OSB_SHELL_LOST, at once). */
  run(command: string, options?: RunOptions): Promise<CommandResult>;
}
