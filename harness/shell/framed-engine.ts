import { HarnessError } from "../model/errors.ts";
import { answerProgram } from "./agent.ts";
import type { AgentLine } from "./agent-line.ts";
import { readAnswer } from "./answer.ts";
import { evaluated } from "./evaluated.ts";
import type { Engine, Output, Stopped } from "./guest-shell.ts";
import { isHarmless, mayComplain } from "./harmless.ts";
import { sendInput } from "./send-input.ts";
import { secret } from "./wire.ts";

const evidenceLimit = 64 << 10;
/** Output waits in the guest's memory until it is fetched. */
const outputLimit = 64 << 20;
const sweepEvery = 100;

/**
 * The protocol over one line that others write to as well. Output lies in files in the guest until it came over whole: every
 * answer is said twice, every chunk carries its sum, and what does not prove right is asked for again.
 */
export class FramedEngine implements Engine {
  readonly #agent: AgentLine;
  #shellPid = "";
  #number = 0;
  #running: { nonce: string; files: readonly [string, string] } | undefined;

  constructor(agent: AgentLine) {
    this.#agent = agent;
  }

  get resent(): number {
    return this.#agent.resent;
  }

  /** Tells a new shell in the guest what it needs to know. */
  async teach(signal: AbortSignal): Promise<void> {
    const nonce = secret();
    this.#agent.forget();
    await this.#agent.execute(`${await answerProgram()}osb_b=${nonce} osb_u=$$; osb_a ${nonce}`, signal);
    this.#shellPid = await this.#agent.answer(nonce, (body) => (/^\d+$/.test(body) ? body : undefined), signal);
  }

  async run(command: string, stdin: Uint8Array | undefined, signal: AbortSignal): Promise<Output> {
    this.#running = undefined;
    this.#agent.forget();
    if (stdin === undefined && isHarmless(command)) {
      const { code, stdout } = await this.#agent.harmless(command, signal);
      // A test that complains says on stderr why; that is not heard on this way.
      if (!mayComplain(command) || code < 2) return { code, stdout, stderr: Buffer.alloc(0) };
    }
    if (stdin !== undefined) await sendInput(this.#agent, stdin, signal);
    const { folder } = this.#agent;
    const number = ++this.#number;
    const nonce = secret(12);
    const files = [`${folder}/o${number}`, `${folder}/e${number}`] as const;
    const input = stdin === undefined ? "/dev/null" : `${folder}/i`;
    // Files have new names, for what still runs may go on writing into the old ones.
    const sweep = number % sweepEvery === 0 ? `rm -f ${folder}/o* ${folder}/e*\n` : "";
    const script = `${sweep}{ ( ${evaluated(command)} ) 2>&4 3>&- 4>&- <${input}; osb_z ${nonce} $? ${files.join(" ")}; } 3>&1 >${files[0]} 4>${files[1]}`;
    this.#running = { nonce, files };
    await this.#agent.execute(script, signal);
    const answer = await this.#agent.answer(nonce, readAnswer, signal, { pid: this.#shellPid, limit: outputLimit });
    if (answer === "dead") return await this.#afterDeath(files, signal);
    if (answer.text) return { code: answer.code, ...answer.text };
    const stdout = await this.#agent.fetch(files[0], answer.stdoutLength, signal);
    const stderr = await this.#agent.fetch(files[1], answer.stderrLength, signal);
    return { code: answer.code, stdout, stderr };
  }

  async stop(signal: AbortSignal): Promise<Stopped> {
    const killed = await this.#agent.kill(signal);
    const running = this.#running;
    if (!running) return { killed, stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };
    const answer = await this.#agent.answer(running.nonce, readAnswer, signal);
    if (answer === "dead") await this.teach(signal);
    const [stdout, stderr] = [
      await this.#agent.fetch(running.files[0], undefined, signal, evidenceLimit),
      await this.#agent.fetch(running.files[1], undefined, signal, evidenceLimit),
    ];
    return { killed, stdout, stderr };
  }

  lose(reason: string): void {
    this.#agent.lose(reason);
  }

  async close(): Promise<void> {
    await this.#agent.close();
  }

  /** The command killed the shell that ran it. */
  async #afterDeath(files: readonly [string, string], signal: AbortSignal): Promise<Output> {
    const code = this.#agent.deathCode;
    if (!/^\d+$/.test(code)) throw new HarnessError("OSB_SHELL_LOST", "the command ended the shell for good");
    await this.#agent.kill(signal);
    await this.teach(signal);
    const stdout = await this.#agent.fetch(files[0], undefined, signal);
    return { code: Number(code), stdout, stderr: await this.#agent.fetch(files[1], undefined, signal) };
  }
}
