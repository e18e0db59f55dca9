import { createHash } from "node:crypto";
import { unless } from "../model/deadline.ts";
import { HarnessError } from "../model/errors.ts";
import { agentProgram, makeFolder } from "./agent.ts";
import { ByteReader } from "./byte-reader.ts";
import type { Engine, Output, Stopped } from "./guest-shell.ts";
import { isHarmless, mayComplain } from "./harmless.ts";
import { evaluated } from "./evaluated.ts";
import type { Line } from "./line.ts";
import { escapedPieces, secret } from "./wire.ts";

const pieceLength = 4000;

/** What the shell that runs commands must know to mark a command's end on both lines. */
const marking = `osb_m() { printf '<%s>%d\\n' "$1" "$2"; printf '<%s>\\n' "$1" >&4; }`;

/** What whoever goes on with an agent in a guest must know of it. Only that very agent knows the secret. */
export interface AgentStanding {
  readonly secret: string;
  readonly folder: string;
  /** Of the last command. */
  readonly sequence: number;
  /** Digest of what the agent was told: another osbench may speak otherwise. */
  readonly program: string;
  /** Where a program lies that gives the guest random numbers of its own; undefined where it needs none, or must do without. */
  readonly reseed?: string | undefined;
}

/** Digest of what this osbench tells an agent. */
export async function spokenProgram(): Promise<string> {
  return createHash("sha256")
    .update(`${await agentProgram()}\0${marking}`)
    .digest("hex");
}

/**
 * The protocol over two clean lines, on which a POSIX sh waits: commands and stdout on one, stderr on the other. Output comes
 * as the command writes it, in no frame; the end of each command is marked on both lines by random words that the command
 * cannot know: they stand in no variable, argument or file it can read.
 */
export class RawEngine implements Engine {
  readonly resent = 0;
  readonly #line: Line;
  readonly #stdout: ByteReader;
  readonly #stderr: ByteReader;
  readonly #secret: string;
  readonly #ready = secret();
  readonly #life = new AbortController();
  #sequence: number;
  #folder: string;
  #program = "";
  /** Marks the end of the command that runs, if one does. */
  #end = "";
  #spooling: Promise<void> | undefined;

  /** Given how an agent stands, it goes on with that one. */
  constructor(line: Line, errorLine: Line, standing?: AgentStanding) {
    this.#secret = standing?.secret ?? secret();
    this.#sequence = standing?.sequence ?? 0;
    this.#folder = standing?.folder ?? "";
    this.#line = line;
    this.#stdout = new ByteReader(line);
    this.#stderr = new ByteReader(errorLine);
  }

  /** Sends the agent; resolves once it answered. An agent that an earlier user of the lines left behind goes first. */
  async open(signal: AbortSignal): Promise<void> {
    this.#program = await spokenProgram();
    const start = [
      "",
      ": osbench leave",
      await agentProgram(),
      makeFolder(`osbench-${secret(6)}`),
      `printf '<%s>%s\\n' ${this.#ready} "$osb_d"; printf '<%s>\\n' ${this.#ready} >&2; osb raw ${this.#secret} "$osb_d"; rm -rf "$osb_d"`,
    ];
    this.#write(`${start.join("\n")}\n`);
    const [{ rest }] = await this.#both([`<${this.#ready}>`], signal);
    if (!rest)
      throw new HarnessError("OSB_SHELL_FOLDER", "the guest has no folder the shell may write to: tried /dev/shm, /run, /tmp, /var/tmp");
    this.#folder = rest;
    await this.#teach(signal);
  }

  /** Resolves once the agent that was left there has answered. */
  async goOn({ program }: AgentStanding, signal: AbortSignal): Promise<void> {
    this.#program = program;
    await this.run(":", undefined, signal);
  }

  standing(): AgentStanding {
    return { secret: this.#secret, folder: this.#folder, sequence: this.#sequence, program: this.#program };
  }

  async run(command: string, stdin: Uint8Array | undefined, signal: AbortSignal): Promise<Output> {
    this.#stdout.forget();
    this.#stderr.forget();
    const token = (++this.#sequence).toString(36);
    const mark = `<${this.#secret} ${token}>`;
    this.#end = "";
    if (stdin === undefined && isHarmless(command)) {
      const complains = mayComplain(command);
      this.#write(`${complains ? "Q" : "q"}${token} ${command}\n`);
      const said = await this.#stdout.until([mark], signal);
      const complaint = complains ? await this.#stderr.until([mark], signal) : { data: Buffer.alloc(0) };
      return { code: Number(said.rest), stdout: said.data, stderr: complaint.data };
    }
    if (stdin !== undefined) {
      this.#spooling = this.#spool(stdin, token).finally(() => (this.#spooling = undefined));
      await unless(signal, this.#spooling);
    }
    const nonce = secret(16);
    this.#end = `<${nonce}>`;
    // The nonce is on a line of its own: the shell reads it when the command has ended.
    this.#execute(`( ${evaluated(command)} ) 2>&4 4>&- <${stdin === undefined ? "/dev/null" : `${this.#folder}/i`}\nosb_m ${nonce} $?`);
    const [stdout, stderr] = await this.#both([this.#end, this.#dead], signal);
    if (stdout.marker === this.#dead) await this.#revive(stdout.rest, signal);
    return { code: Number(stdout.rest), stdout: stdout.data, stderr: stderr.data };
  }

  async stop(signal: AbortSignal): Promise<Stopped> {
    // Half an input cannot be taken back: the rest goes first, and no command has begun.
    if (this.#spooling) await unless(signal, this.#spooling);
    const token = `${++this.#sequence}.${secret(3)}`;
    const mark = `<${this.#secret} ${token}>`;
    this.#write(`k${token}\n`);
    const said: Buffer[] = [];
    let [killed, end] = [undefined as string | undefined, this.#end === "" ? "none" : ""];
    // The command's end and the answer come in any order.
    while (killed === undefined || end === "") {
      const markers = [...(killed === undefined ? [mark] : []), ...(end === "" ? [this.#end, this.#dead] : [])];
      const { data, marker, rest } = await this.#stdout.until(markers, signal);
      said.push(data);
      if (marker === mark) killed = rest.trim();
      else end = marker;
    }
    const stderr = this.#end === "" ? Buffer.alloc(0) : (await this.#stderr.until([this.#end, this.#dead], signal)).data;
    if (end === this.#dead) await this.#teach(signal);
    return { killed, stdout: Buffer.concat(said), stderr };
  }

  lose(reason: string): void {
    this.#life.abort(new HarnessError("OSB_SHELL_LOST", `the shell's line was lost: ${reason}`));
    this.#stdout.lose(reason);
    this.#stderr.lose(reason);
  }

  async close(): Promise<void> {
    this.#write(": osbench leave\n");
  }

  get #dead(): string {
    return `<${this.#secret} dead>`;
  }

  /** The command killed the shell that ran it: what it left running goes, and the new shell learns what it needs. */
  async #revive(code: string, signal: AbortSignal): Promise<void> {
    if (code === "lost") throw new HarnessError("OSB_SHELL_LOST", "the command ended the shell for good");
    const token = `${++this.#sequence}.${secret(3)}`;
    this.#write(`k${token}\n`);
    await this.#stdout.until([`<${this.#secret} ${token}>`], signal);
    await this.#teach(signal);
  }

  async #teach(signal: AbortSignal): Promise<void> {
    const nonce = secret();
    this.#execute(`${marking}\nosb_m ${nonce} 0`);
    await this.#both([`<${nonce}>`], signal);
  }

  /** A write that fails, or never ends, is a lost line: whoever waits for the answer hears of that. */
  #write(data: string | Uint8Array): void {
    this.#line.write(data).catch(() => {});
  }

  #execute(script: string): void {
    const pieces = escapedPieces(script, pieceLength);
    this.#write(pieces.map((piece, index) => `${index + 1 < pieces.length ? "p" : "x"}${piece}\n`).join(""));
  }

  /** Input lies in a file until the command reads it: a command that does not read all must not leave the rest on the line. */
  async #spool(stdin: Uint8Array, token: string): Promise<void> {
    const signal = this.#life.signal;
    const mark = `<${this.#secret} ${token}>`;
    this.#write(`n\ni${token} ${stdin.length}\n`);
    await this.#stdout.until([mark], signal);
    this.#write(stdin);
    const { rest } = await this.#stdout.until([mark], signal);
    if (rest !== "0")
      throw new HarnessError(
        "OSB_SHELL_STDIN",
        `the guest could not keep ${stdin.length} bytes of input in ${this.#folder} (head exited ${rest})`,
      );
  }

  async #both(markers: readonly string[], signal: AbortSignal) {
    return await Promise.all([this.#stdout.until(markers, signal), this.#stderr.until(markers, signal)]);
  }
}
