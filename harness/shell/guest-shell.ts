import { deadline } from "../model/deadline.ts";
import { HarnessError } from "../model/errors.ts";
import type { CommandResult, RunOptions, Shell, Way } from "../model/shell.ts";
import type { AgentStanding } from "./raw-engine.ts";

export interface Output {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

/** What was ended, as `name(pid)`, and what it had said until then. */
export interface Stopped {
  readonly killed: string;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

/** How commands get into a guest and their output out of it. One at a time. */
export interface Engine {
  /** How often something was said again because the line had damaged it. */
  readonly resent: number;
  /** Runs a command to its end. Rejects with the signal's reason; whoever aborts calls `stop` then. */
  run(command: string, stdin: Uint8Array | undefined, signal: AbortSignal): Promise<Output>;
  /** Kills what the command started and resolves once the next command can run. */
  stop(signal: AbortSignal): Promise<Stopped>;
  /** Ends a waiting `run` at once. */
  lose(reason: string): void;
  /** Gives the line back. */
  close(): Promise<void>;
  /** What whoever goes on with its agent must know, where an agent can be gone on with. Between commands only. */
  standing?(): AgentStanding;
}

const defaultTimeoutMs = 60_000;
const stopTimeoutMs = 30_000;

/** Commands over an engine, whatever line that speaks over: deadlines, refusal to run two at once, what is said when a command does not end. */
export class GuestShell implements Shell {
  readonly way: Way;
  readonly #engine: Engine;
  readonly #beforeClose: (() => Promise<unknown>)[] = [];
  readonly #atEnd: (() => void)[] = [];
  #broken: string | undefined;
  #ended = false;
  /** The command that runs. */
  #busy: string | undefined;

  constructor(way: Way, engine: Engine) {
    this.way = way;
    this.#engine = engine;
  }

  /** False once nothing can be run any more. */
  get usable(): boolean {
    return this.#broken === undefined;
  }

  get resent(): number {
    return this.#engine.resent;
  }

  /** Registers what to do while commands still run, when the shell is closed in order. */
  beforeClose(action: () => Promise<unknown>): void {
    this.#beforeClose.push(action);
  }

  /** Registers what to do when the shell is no more, however that came. */
  atEnd(action: () => void): void {
    this.#atEnd.push(action);
  }

  async run(command: string, options: RunOptions = {}): Promise<CommandResult> {
    if (this.#broken) throw new HarnessError("OSB_SHELL_LOST", `the ${this.way} shell cannot be used any more: ${this.#broken}`);
    if (this.#busy !== undefined)
      throw new HarnessError("OSB_SHELL_BUSY", `the ${this.way} shell still runs \`${this.#busy}\`, asked to run: ${command}`);
    this.#busy = command;
    const wait = deadline(`\`${command}\` to end (${this.way} shell)`, options.timeoutMs ?? defaultTimeoutMs, options.signal);
    const started = performance.now();
    try {
      const { code, stdout, stderr } = await this.#engine.run(
        command,
        options.stdin === undefined ? undefined : Buffer.from(options.stdin as string),
        wait.signal,
      );
      return result(command, code, stdout, stderr, performance.now() - started);
    } catch (error) {
      if (error instanceof HarnessError && error.code === "OSB_OUTPUT")
        throw new HarnessError(error.code, `\`${command}\`: ${error.message}`, { evidence: await this.#stop(command) });
      if (!wait.signal.aborted || error !== wait.signal.reason) {
        this.#broken ??= `\`${command}\` lost the line`;
        throw error;
      }
      const stopped = await this.#stop(command);
      throw wait.explain(error, () => stopped);
    } finally {
      wait.clear();
      this.#busy = undefined;
    }
  }

  /** Ends a waiting `run` at once, for instance because the machine restarted. Nothing is written to the line any more. */
  lose(reason: string): void {
    this.#broken ??= reason;
    this.#ended = true;
    this.#engine.lose(reason);
    for (const action of this.#atEnd.splice(0)) action();
  }

  /** Ends it but leaves its agent where it is, waiting; resolves with how it stands. Undefined, and nothing is ended, if none waits there. */
  leave(reason: string): AgentStanding | undefined {
    if (this.#broken !== undefined || this.#busy !== undefined) return undefined;
    const standing = this.#engine.standing?.();
    if (standing) this.lose(reason);
    return standing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#ended) {
      const actions = this.#broken === undefined && this.#busy === undefined ? this.#beforeClose.splice(0) : [];
      for (const action of actions) await action().catch(() => {});
      await this.#engine.close();
    }
    this.lose("it was closed");
  }

  /** Evidence of a command that did not end. When it cannot be ended either, nothing can be run any more. */
  async #stop(command: string): Promise<Record<string, string>> {
    const wait = deadline(`\`${command}\` to be killed in the guest`, stopTimeoutMs);
    try {
      const { killed, stdout, stderr } = await this.#engine.stop(wait.signal);
      return {
        "stdout so far": stdout.toString(),
        "stderr so far": stderr.toString(),
        "killed in the guest": killed || "nothing was left",
      };
    } catch (error) {
      this.#broken ??= `\`${command}\` did not end and could not be killed`;
      return { "killed in the guest": `nothing: ${String(wait.explain(error))}` };
    } finally {
      wait.clear();
    }
  }
}

/** Megabytes of bytes that nobody reads as text need not become text. */
function result(command: string, code: number, stdoutBytes: Buffer, stderrBytes: Buffer, durationMs: number): CommandResult {
  let [stdout, stderr] = [undefined as string | undefined, undefined as string | undefined];
  return {
    ...{ command, code, stdoutBytes, stderrBytes, durationMs },
    get stdout() {
      return (stdout ??= stdoutBytes.toString());
    },
    get stderr() {
      return (stderr ??= stderrBytes.toString());
    },
  };
}
