import { HarnessError } from "../model/errors.ts";
import { fetchFile } from "./fetch.ts";
import { FrameReader } from "./frame-reader.ts";
import { countSpoiled, findBody, findEchoed } from "./frames.ts";
import type { Line } from "./line.ts";
import { escapedPieces, secret } from "./wire.ts";

/** A tty's line buffer holds 4095 bytes, and most frames say all twice. */
const pieceLength = 1500;
/** Twelve times nothing: about a minute and a half. */
const maxSilences = 12;
const maxAttempts = 100;
const damaged = Symbol("damaged");

/** The host's end of a noisy line: asks the agent in the guest, again when an answer does not come or is damaged. */
export class AgentLine {
  readonly secret = secret(6);
  /** How often something was said again. */
  resent = 0;
  /** What the last shell that died ended with. */
  deathCode = "";
  folder = "";
  base64 = true;
  readonly reader = new FrameReader();
  readonly #line: Line;
  readonly #ended: () => void;
  #sequence = 0;

  constructor(line: Line) {
    this.#line = line;
    const deaf = line.listen((chunk) => this.reader.feed(chunk));
    const unwatched = line.onLost((reason) => this.lose(reason));
    this.#ended = () => {
      deaf();
      unwatched();
    };
  }

  /** A write that fails, or never ends, is a lost line: whoever waits for the answer hears of that. */
  write(text: string): void {
    this.#line.write(text).catch(() => {});
  }

  forget(): void {
    this.reader.forget();
  }

  lose(reason: string): void {
    this.#ended();
    this.reader.lose(reason);
  }

  async close(): Promise<void> {
    // Whoever reads the name at a login prompt is not the agent.
    if (!this.reader.loginPrompt) this.write("\n: osbench leave\n");
  }

  /** A frame of the kind that does this in agent.sh, and the word its answer begins with. */
  frame(kind: string, text: string): { token: string; frame: string } {
    const token = `${kind}${(++this.#sequence).toString(36)}.${secret(3)}`;
    const body = `${token} ${text}`;
    return { token, frame: `${body}^${kind === "w" ? "" : body}^${body.length}\n` };
  }

  /** Asks and resolves with the answer's text. */
  async ask(kind: string, text: string, signal: AbortSignal): Promise<string> {
    return await this.answered(this.frame(kind, text), signal);
  }

  /** Resolves with the answer to a frame, which is written first unless it was `written`. */
  async answered({ token, frame }: { token: string; frame: string }, signal: AbortSignal, written = false): Promise<string> {
    return await this.exchange(frame, (all) => findBody(all, this.secret, (body) => after(body, `${token} `)), signal, written);
  }

  /** Runs a builtin that changes nothing in the agent itself. */
  async harmless(command: string, signal: AbortSignal): Promise<{ code: number; stdout: Buffer }> {
    // Every byte counts on a UART, and nothing this command may be can say the agent's secret.
    const token = `q${(++this.#sequence).toString(36)}`;
    const read = (body: string) => /^([^]*):(\d+)$/.exec(after(body, `${token}:`) ?? "") ?? undefined;
    const find = (all: string) => findEchoed(all, this.secret, command, read);
    const match = await this.exchange(`${token} ${command}\n`, find, signal);
    return { code: Number(match[2]), stdout: Buffer.from(match[1] as string, "latin1") };
  }

  /** Gives the shell that runs commands this script. */
  async execute(script: string, signal: AbortSignal): Promise<void> {
    const pieces = escapedPieces(script, pieceLength);
    for (const [index, piece] of pieces.entries()) await this.ask(index + 1 < pieces.length ? "p" : "x", piece, signal);
  }

  /** Kills what a command left running; resolves with its names. */
  async kill(signal: AbortSignal): Promise<string> {
    return (await this.ask("k", "", signal)).trim();
  }

  /**
   * Waits for the shell's answer under this nonce, however long that takes, and asks for it again now and then: the line may
   * have damaged it, and a line that is dead says nothing of it. `size` of the output so far is kept below the limit.
   */
  async answer<T>(
    nonce: string,
    read: (body: string) => T | undefined,
    signal: AbortSignal,
    watch?: { readonly pid: string; readonly limit: number },
  ): Promise<T | "dead"> {
    let prompted = false;
    let spoiled = countSpoiled(this.reader.text, nonce);
    for (let pause = 1000; ; pause = Math.min(pause * 2, 30_000)) {
      const look = (all: string) =>
        findBody(all, nonce, read) ??
        this.#death(all) ??
        (countSpoiled(all, nonce) > spoiled ? damaged : !prompted && this.reader.loginPrompt ? ("prompt" as const) : undefined);
      const found = await this.reader.wait(look, pause, signal);
      if (found !== undefined && found !== "prompt" && found !== damaged) return found;
      prompted = found === "prompt";
      // Counted before the answer is asked for again: it may come, damaged too, before the agent says that it will.
      spoiled = countSpoiled(this.reader.text, nonce);
      await this.ask("x", `osb_a ${nonce}`, signal);
      if (found === damaged) {
        this.resent++;
        pause = 500;
        continue;
      }
      const size = watch ? Number(await this.ask("s", watch.pid, signal)) : 0;
      if (watch && size > watch.limit)
        throw new HarnessError("OSB_OUTPUT", `the command wrote ${size} bytes and went on`, {
          hint: "Let it write into a file in the guest",
        });
    }
  }

  /** The contents of a file in the guest; at most about `limit` bytes. */
  async fetch(file: string, length: number | undefined, signal: AbortSignal, limit = Number.POSITIVE_INFINITY): Promise<Buffer> {
    return await fetchFile(this, file, length, signal, limit);
  }

  /** Writes a frame until `find` finds its answer. Throws HarnessError OSB_SHELL_LOST when there is none, however often it is written. */
  async exchange<T>(frame: string, find: (all: string) => T | undefined, signal: AbortSignal, written = false): Promise<T> {
    // Damage is answered at once; only silence takes time, and there can be little of that on a line that lives.
    for (let [silences, attempt, pause] = [0, 0, 750]; silences < maxSilences && attempt < maxAttempts; attempt++) {
      if (attempt > 0) this.resent++;
      const [refused, spoiled] = [this.#refusals(), countSpoiled(this.reader.text, this.secret)];
      if (attempt > 0 || !written) this.write(frame);
      const look = (all: string) =>
        find(all) ?? (this.#refusals() > refused || countSpoiled(all, this.secret) > spoiled ? damaged : undefined);
      const found = await this.reader.wait(look, pause, signal);
      if (found !== undefined && found !== damaged) return found;
      if (found === damaged) continue;
      silences++;
      pause = Math.min(pause * 2, 10_000);
      if (this.reader.loginPrompt) throw lost("a login prompt stands where the shell was");
      // Perhaps somebody changed the terminal's settings: our words come back, or wait for more of them.
      this.write(terminalAgain());
    }
    throw lost("the guest did not answer, however often it was asked");
  }

  #refusals(): number {
    return this.reader.text.split(`@${this.secret} nak@`).length;
  }

  #death(all: string): "dead" | undefined {
    const code = findBody(all, this.secret, (body) => after(body, "dead "));
    if (code === undefined) return undefined;
    this.deathCode = code;
    return "dead";
  }
}

function terminalAgain(): string {
  const body = `t${secret(3)} `;
  const empty = "\n".repeat(300);
  return `${empty}${body}^${body}^${body.length}${empty}`;
}

function after(body: string, start: string): string | undefined {
  return body.startsWith(start) ? body.slice(start.length) : undefined;
}

function lost(why: string): HarnessError {
  return new HarnessError("OSB_SHELL_LOST", `the shell's line was lost: ${why}`);
}
