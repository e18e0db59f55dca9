import { randomBytes } from "node:crypto";
import type { Duplex } from "node:stream";
import { deadline } from "../model/deadline.ts";
import { HarnessError } from "../model/errors.ts";
import type { CommandResult, RunOptions, Shell } from "../model/shell.ts";
import { MarkedStream } from "./marked-stream.ts";
import { quote } from "./quote.ts";

/** Names of the two ports a guest's shell stands on: commands and stdout on one, stderr on the other. */
export const shellPorts = { shell: "org.osbench.shell", stderr: "org.osbench.stderr" } as const;

const defaultTimeoutMs = 60_000;

/**
 * A POSIX sh that reads commands from one binary-safe line and writes stdout there, stderr to a second: no terminal, so
 * no echo, no line limit and no second meaning of any byte. The end of each command is marked on both lines by 128 random
 * bits, and each command runs in a subshell, so `exit`, `cd` and `set` do not reach the next.
 */
export class ChannelShell implements Shell {
  readonly way = "channel";
  readonly #line: Duplex;
  readonly #stdout: MarkedStream;
  readonly #stderr: MarkedStream;
  #broken: string | undefined;
  #busy = false;

  private constructor(line: Duplex, errorLine: Duplex) {
    this.#line = line;
    this.#stdout = new MarkedStream(line);
    this.#stderr = new MarkedStream(errorLine);
  }

  /** Opens the shell; resolves once it answered. What an earlier shell left on the lines is skipped. */
  static async open(line: Duplex, errorLine: Duplex, signal: AbortSignal): Promise<ChannelShell> {
    const shell = new ChannelShell(line, errorLine);
    try {
      await shell.#speak(":", undefined, signal);
      return shell;
    } catch (error) {
      await shell[Symbol.asyncDispose]();
      throw error;
    }
  }

  async run(command: string, options: RunOptions = {}): Promise<CommandResult> {
    if (this.#broken) throw new HarnessError("OSB_SHELL_LOST", `the channel shell cannot be used any more: ${this.#broken}`);
    if (this.#busy) throw new HarnessError("OSB_SHELL_BUSY", `the channel shell still runs another command, asked to run: ${command}`);
    this.#busy = true;
    const wait = deadline(`\`${command}\` to end (channel shell)`, options.timeoutMs ?? defaultTimeoutMs, options.signal);
    const started = performance.now();
    try {
      const { stdout, stderr, code } = await this.#speak(`( eval ${quote(command)} )`, options.stdin, wait.signal);
      return {
        command,
        code,
        stdout: stdout.toString(),
        stderr: stderr.toString(),
        stdoutBytes: stdout,
        durationMs: performance.now() - started,
      };
    } catch (error) {
      // Whatever still runs in the guest would answer into the next command.
      this.#broken ??= `\`${command}\` did not end in time or the line was lost`;
      throw wait.explain(error, () => ({
        "stdout so far": this.#stdout.pending.toString(),
        "stderr so far": this.#stderr.pending.toString(),
      }));
    } finally {
      wait.clear();
      this.#busy = false;
    }
  }

  /** Ends a waiting `run` at once, for instance because the machine restarted. */
  lose(reason: string): void {
    this.#broken ??= reason;
    this.#stdout.lose(reason);
    this.#stderr.lose(reason);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#broken ??= "it was closed";
    this.#stdout.dispose();
    this.#stderr.dispose();
  }

  async #speak(
    command: string,
    stdin: string | Uint8Array | undefined,
    signal: AbortSignal,
  ): Promise<{ stdout: Buffer; stderr: Buffer; code: number }> {
    const nonce = randomBytes(16).toString("hex");
    const begin = `<${nonce}>`;
    const end = `</${nonce}>`;
    const script = [
      `printf '%s\\n' '${begin}'; printf '%s\\n' '${begin}' >&2`,
      stdin === undefined ? `${command} </dev/null` : piped(command, stdin),
      `printf '%s%d\\n' '${end}' $?; printf '%s\\n' '${end}' >&2`,
    ].join("\n");
    this.#line.write(`${script}\n`);
    const both = async (marker: string) => await Promise.all([this.#stdout.until(marker, signal), this.#stderr.until(marker, signal)]);
    await both(begin);
    const [stdout, stderr] = await both(end);
    return { stdout: stdout.data, stderr: stderr.data, code: Number(stdout.rest) };
  }
}

/** Input travels as base64: a here-document cannot carry NUL or a last line without newline. */
function piped(command: string, stdin: string | Uint8Array): string {
  const lines = Buffer.from(stdin).toString("base64").replace(/.{76}/g, "$&\n");
  return `base64 -d <<'BASE64' | ${command}\n${lines}\nBASE64`;
}
