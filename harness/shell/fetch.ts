import { HarnessError } from "../model/errors.ts";
import type { AgentLine } from "./agent-line.ts";
import { findChunk, type Chunk } from "./frames.ts";
import { secret } from "./wire.ts";

const largest = 256 << 10;
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
  const parts: Buffer[] = [];
  const end = Math.min(length ?? Number.POSITIVE_INFINITY, limit);
  let [offset, size, failures] = [0, largest, 0];
  let ahead: Request | undefined;
  let unproven: Buffer | undefined;
  while (offset < end) {
    const request = ahead ?? ask(agent, file, offset, size);
    ahead = length !== undefined && offset + size < end ? ask(agent, file, offset + size, size) : undefined;
    const chunk = await receive(agent, request, end - offset, signal);
    // Nothing to make a sum with in the guest: only the same bytes twice are believed.
    if (chunk && !chunk.proven && !unproven?.equals(chunk.bytes)) {
      unproven = chunk.bytes;
      ahead = undefined;
      continue;
    }
    unproven = undefined;
    if (!chunk) {
      agent.resent++;
      if (++failures > attempts)
        throw new HarnessError("OSB_SERIAL_NOISE", `the line damaged ${size} bytes of output ${attempts} times in a row`, {
          hint: "Something else writes to the console all the time; use the channel or ssh shell for this image",
          evidence: { "came last": agent.reader.text.slice(-2000) },
        });
      size = Math.max(smallest, size / 4);
      ahead = undefined;
      continue;
    }
    failures = 0;
    parts.push(chunk.bytes);
    offset += chunk.bytes.length;
    if (chunk.bytes.length < request.size) break;
    if (!ahead && size < largest && offset % (size * 2) === 0) size *= 2;
  }
  return Buffer.concat(parts);
}

function ask(agent: AgentLine, file: string, offset: number, size: number): Request {
  const nonce = secret();
  agent.write(agent.frame("f", `${nonce} ${file} ${size} ${offset / size}`).frame);
  return { nonce, offset, size };
}

/** Resolves with undefined when the chunk came damaged or not at all. */
async function receive(agent: AgentLine, { nonce, size }: Request, left: number, signal: AbortSignal) {
  const over = performance.now() + 3000 + (Math.min(size, left) / bytesPerSecond) * 1000;
  const refusal = `@${agent.secret} nak@`;
  const refused = agent.reader.text.split(refusal).length;
  const find = (all: string) => findChunk(all, nonce) ?? (all.split(refusal).length > refused ? ("damaged" as const) : undefined);
  let chunk: Awaited<ReturnType<typeof agent.reader.wait<Chunk | "damaged">>>;
  do chunk = await agent.reader.wait(find, silenceMs, signal);
  while (!chunk && agent.reader.silentMs < silenceMs && performance.now() < over);
  agent.reader.forgetThrough(`@${nonce}!`);
  return chunk === "damaged" ? undefined : chunk;
}
