import { createHash, randomBytes } from "node:crypto";
import { deadline } from "../model/deadline.ts";
import { HarnessError } from "../model/errors.ts";
import type { CommandResult, RunOptions, Shell } from "../model/shell.ts";
import { cksum } from "./cksum.ts";
import { login, type Account } from "./login.ts";
import { quote } from "./quote.ts";
import type { TextLine } from "./text-line.ts";

const defaultTimeoutMs = 120_000;
const attempts = 5;
/** A serial line's input buffer in the guest holds 4095 bytes; each piece waits until the one before it was taken. */
const pieceLength = 1024;

/**
 * A shell behind a login on the serial console, which it shares with the kernel log. Output is kept in files in the guest
 * and fetched as base64 with a checksum: what the kernel threw in is taken out where it can be told apart, and an answer
 * that is damaged all the same is asked for again, never mis-read. Nothing in the guest is needed but a POSIX sh, base64, and sha256sum or cksum.
 */
export class SerialShell implements Shell {
  readonly way = "serial";
  readonly #line: TextLine;
  #broken: string | undefined;

  private constructor(line: TextLine) {
    this.#line = line;
  }

  static async open(line: TextLine, account: Account, signal: AbortSignal): Promise<SerialShell> {
    await login(line, account, signal);
    line.answerQueries(false);
    const shell = new SerialShell(line);
    // From here on no prompt, no echo, no line editing: the line carries only what was asked for.
    await line.write("exec env -i TERM=dumb HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin PS1= PS2= sh\r");
    await line.write("stty -echo -onlcr -icrnl cols 32767 2>/dev/null; PS1= PS2=; unset PROMPT_COMMAND PS0\n");
    // A busybox may have one of the two and not the other.
    await shell.#ask(
      "if command -v sha256sum >/dev/null; then osb_sum() { printf 'sha256 '; sha256sum; }; else osb_sum() { printf 'cksum '; cksum; }; fi",
      signal,
    );
    return shell;
  }

  async run(command: string, options: RunOptions = {}): Promise<CommandResult> {
    if (this.#broken) throw new HarnessError("OSB_SHELL_LOST", `the serial shell cannot be used any more: ${this.#broken}`);
    const wait = deadline(`\`${command}\` to end (serial shell)`, options.timeoutMs ?? defaultTimeoutMs, options.signal);
    const started = performance.now();
    const from = this.#line.length;
    try {
      await this.#send("OSB_C", command, wait.signal);
      if (options.stdin !== undefined) await this.#send("OSB_I", Buffer.from(options.stdin).toString("base64"), wait.signal);
      const stdin = options.stdin === undefined ? "</dev/null" : `<"$OSB_F.i"`;
      const files = `OSB_F=\${TMPDIR:-/tmp}/.osbench.$$; ${options.stdin === undefined ? "" : `printf %s "$OSB_I" | base64 -d >"$OSB_F.i";`}`;
      const code = await this.#ask(`${files} ( eval "$OSB_C" ) ${stdin} >"$OSB_F.o" 2>"$OSB_F.e"`, wait.signal);
      const stdout = await this.#fetch("o", wait.signal);
      const stderr = await this.#fetch("e", wait.signal);
      return {
        command,
        code,
        stdout: stdout.toString(),
        stderr: stderr.toString(),
        stdoutBytes: stdout,
        durationMs: performance.now() - started,
      };
    } catch (error) {
      this.#broken ??= `\`${command}\` did not end in time or the line was lost`;
      throw wait.explain(error, () => ({ "console meanwhile": this.#line.text(from) }));
    } finally {
      wait.clear();
    }
  }

  /** No later command may use this shell, for instance because the machine restarted. */
  lose(reason: string): void {
    this.#broken ??= reason;
    this.#line.answerQueries(true);
  }

  /** Leaves the shell, so that a getty stands on the line again. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#broken) return;
    this.lose("it was closed");
    await this.#line.write("stty sane; exit\n").catch(() => {});
  }

  /** Sets a shell variable to text of any length, piece by piece. */
  async #send(variable: string, text: string, signal: AbortSignal): Promise<void> {
    await this.#ask(`${variable}=`, signal);
    const characters = [...text];
    for (let at = 0; at < characters.length; at += pieceLength) {
      const piece = characters.slice(at, at + pieceLength).join("");
      await this.#ask(`${variable}=$${variable}${quote(piece)}`, signal);
    }
  }

  /** Runs one line in the shell itself and resolves with its exit code. */
  async #ask(script: string, signal: AbortSignal): Promise<number> {
    const nonce = randomBytes(8).toString("hex");
    const from = this.#line.length;
    // The marker is put together by printf: an echo of this line does not contain it.
    await this.#line.write(`${script}\nprintf '\\n:%s:%d:%s:\\n' ${nonce} $? end\n`);
    const match = await this.#said(new RegExp(`:${nonce}:(\\d+):end:`), signal, from);
    return Number(match[1]);
  }

  /** Waits for a marker, also one the kernel wrote into the middle of. */
  async #said(pattern: RegExp, signal: AbortSignal, from: number): Promise<RegExpExecArray> {
    for (;;) {
      const length = this.#line.length;
      const match = pattern.exec(withoutKernelLines(this.#line.text(from)));
      if (match) return match;
      await this.#line.expect(/[^]/, signal, length);
    }
  }

  async #fetch(extension: string, signal: AbortSignal): Promise<Buffer> {
    let seen = "";
    for (let attempt = 1; attempt <= attempts; attempt++) {
      const nonce = randomBytes(8).toString("hex");
      const from = this.#line.length;
      await this.#line.write(
        `printf '\\n:%s:%s:\\n' ${nonce} begin; base64 "$OSB_F.${extension}"; printf '\\n:%s:%s:' ${nonce} end; osb_sum <"$OSB_F.${extension}"; printf '\\n:%s:%s:\\n' ${nonce} done\n`,
      );
      await this.#said(new RegExp(`:${nonce}:done:`), signal, from);
      seen = this.#line.text(from);
      const bytes = decode(withoutKernelLines(seen), nonce);
      if (bytes) return bytes;
    }
    throw new HarnessError("OSB_SERIAL_NOISE", `the serial line damaged an answer ${attempts} times in a row`, {
      hint: "Something else writes to the console all the time; use the channel or ssh shell for this image",
      evidence: { "last answer": seen },
    });
  }
}

/** The kernel's log lines, which may begin in the middle of another's line, taken out. What is left is only believed if its checksum is right. */
export function withoutKernelLines(text: string): string {
  return text.replaceAll(/\[ *\d+\.\d{3,6}\](?:\[ *[TC]\d+\])? [^\n]*\n/g, "");
}

const sums: Readonly<Record<string, (bytes: Uint8Array) => string>> = {
  sha256: (bytes) => createHash("sha256").update(bytes).digest("hex"),
  cksum: (bytes) => `${cksum(bytes)} ${bytes.length}`,
};

/** The bytes between the markers, or undefined when anything in between is not exactly what the guest must have sent. */
export function decode(text: string, nonce: string): Buffer | undefined {
  const match = new RegExp(`:${nonce}:begin:\\n([^:]*)\\n:${nonce}:end:(\\w+) ([0-9a-f]+(?: \\d+)?)\\s`).exec(text);
  if (!match) return undefined;
  const [, body = "", algorithm = "", sum] = match;
  if (!/^[A-Za-z0-9+/=\n]*$/.test(body)) return undefined;
  const bytes = Buffer.from(body.replaceAll("\n", ""), "base64");
  return sums[algorithm]?.(bytes) === sum ? bytes : undefined;
}
