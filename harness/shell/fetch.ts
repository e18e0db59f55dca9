import { HarnessError } from "../model/errors.ts";
import type { AgentLine } from "./agent-line.ts";
import { findChunk, longestChunk, type Chunk } from "./frames.ts";
import { secret } from "./wire.ts";

const smallest = 512;
/** In a row, for one chunk of the smallest size. */
const attempts = 40;
/** Slower than any line is, even while the kernel talks. */
const bytesPerSecond = 4000;
/** A guest that has begun to answer is not quiet for so long. */
const silenceMs = 1000;

interface Request {
  readonly nonce: string;
  readonly offset: number;
  readonly size: number;
  /** How often the agent had refused a frame when this was asked. */
  readonly refused: number;
}

/**
 * Fetches a file's contents chunk by chunk, the next already asked for while one comes. A damaged chunk is asked for again in
 * smaller pieces. `length` is what to expect, if known. Throws HarnessError OSB_SERIAL_NOISE when even the smallest never comes whole.
 */
export async function fetchFile(
  agent: AgentLine,
  file: string,
  length: number | undefined,
  signal: AbortSignal,
  limit: number,
): Promise<Buffer> {
  const end = Math.min(length ?? Number.POSITIVE_INFINITY, limit);
  const fetching = new Fetching(agent, file, end, signal);
  const parts: Buffer[] = [];
  let [offset, size, failures] = [0, longestChunk, 0];
  let ahead = length !== undefined;
  let asked: Request[] = [];
  let unproven: Buffer | undefined;
  while (offset < end) {
    const early = fetching.take(offset);
    if (early) {
      parts.push(early);
      offset += early.length;
      continue;
    }
    for (let last = asked.at(-1); asked.length < (ahead ? 2 : 1); last = asked.at(-1)) {
      const next = fetching.ask(last ? last.offset + last.size : offset, size);
      if (!next) break;
      asked.push(next);
    }
    const [request, following] = asked as [Request, Request | undefined];
    const chunk = await fetching.receive(request, following);
    asked = following ? [following] : [];
    if (chunk && chunk !== "damaged" && (chunk.proven || unproven?.equals(chunk.bytes))) {
      unproven = undefined;
      failures = 0;
      parts.push(chunk.bytes);
      offset += chunk.bytes.length;
      size = Math.min(longestChunk, size * 2);
      if (chunk.bytes.length < request.size) break;
      continue;
    }
    // What comes anyway is not asked for twice; after silence nothing does.
    if (following && chunk) await fetching.keep(following);
    asked = [];
    if (chunk && chunk !== "damaged") {
      // Nothing to make a sum with in the guest: only the same bytes twice are believed.
      unproven = chunk.bytes;
      size = request.size;
      ahead = false;
      continue;
    }
    agent.resent++;
    if (++failures > attempts)
      throw new HarnessError("OSB_SERIAL_NOISE", `the line damaged ${request.size} bytes of output ${attempts} times in a row`, {
        hint: "Something else writes to the console all the time; use the channel or ssh shell for this image",
        evidence: { "came last": agent.reader.text.slice(-2000) },
      });
    unproven = undefined;
    size = Math.max(smallest, request.size / 4);
  }
  return Buffer.concat(parts);
}

/** Requests for pieces of one file, and what came of them. */
class Fetching {
  readonly #agent: AgentLine;
  readonly #file: string;
  readonly #end: number;
  readonly #signal: AbortSignal;
  /** Whole chunks behind one that is still missing, by their offset. */
  readonly #early = new Map<number, Buffer>();
  #forgotten = 0;

  constructor(agent: AgentLine, file: string, end: number, signal: AbortSignal) {
    this.#agent = agent;
    this.#file = file;
    this.#end = end;
    this.#signal = signal;
  }

  /** What came early for this offset. */
  take(offset: number): Buffer | undefined {
    const bytes = this.#early.get(offset);
    this.#early.delete(offset);
    return bytes;
  }

  /** Asks for at most this much from there on, or behind what came early; undefined when nothing is left to ask for. */
  ask(from: number, most: number): Request | undefined {
    let [offset, size] = [from, most];
    for (let early = this.#early.get(offset); early; early = this.#early.get(offset)) offset += early.length;
    if (offset >= this.#end) return undefined;
    // The guest counts in blocks.
    const overlaps = () => [...this.#early.keys()].some((start) => start > offset && start < offset + size);
    while (offset % size !== 0 || overlaps()) size /= 2;
    const request = { nonce: secret(), offset, size, refused: this.#refused() };
    this.#agent.write(this.#agent.frame("f", `${request.nonce} ${this.#file} ${size} ${offset / size}`).frame);
    return request;
  }

  /** Resolves with "damaged" when the chunk did not come whole or was not understood, with undefined when there was only silence. */
  async receive({ nonce, offset, size, refused }: Request, following?: Request): Promise<Chunk | "damaged" | undefined> {
    const { reader } = this.#agent;
    const over = performance.now() + 3000 + (Math.min(size, this.#end - offset) / bytesPerSecond) * 1000;
    // The guest answers one after the other.
    const passed = (all: string) => this.#refused() > refused || (following && all.includes(`@${following.nonce}`));
    const find = (all: string) => findChunk(all, nonce) ?? (passed(all) ? ("damaged" as const) : undefined);
    let chunk: Chunk | "damaged" | undefined;
    do chunk = await reader.wait(find, Math.max(1, silenceMs - reader.silentMs), this.#signal);
    while (!chunk && reader.silentMs < silenceMs && performance.now() < over);
    const before = this.#refused();
    reader.forgetThrough(`@${nonce}!`);
    this.#forgotten += before - this.#refused();
    return chunk;
  }

  /** Waits for what was asked for ahead and keeps it until its turn comes. */
  async keep(request: Request): Promise<void> {
    const chunk = await this.receive(request);
    if (chunk && chunk !== "damaged" && chunk.proven && chunk.bytes.length === Math.min(request.size, this.#end - request.offset))
      this.#early.set(request.offset, chunk.bytes);
  }

  /** How often the agent refused a frame since the fetch began; whatever is forgotten stays counted. */
  #refused(): number {
    return this.#forgotten + this.#agent.reader.text.split(`@${this.#agent.secret} nak@`).length;
  }
}
