import { HarnessError } from "../model/errors.ts";
import type { AgentLine } from "./agent-line.ts";
import { sumLike } from "./frames.ts";
import { escapedPieces } from "./wire.ts";

const blockLength = 48 << 10;
/** A tty's buffer holds 4095 bytes: one frame; or two shorter ones, of which the agent reads one while the other comes. */
const pieceLengths = { alone: 3000, ahead: 2000 } as const;
const attempts = 20;

/** Puts bytes into the agent's input file, block by block, each proven by its sum before it is added. */
export async function sendInput(agent: AgentLine, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
  await agent.ask("n", "", signal);
  let calm = agent.resent === 0;
  for (let offset = 0; offset < bytes.length; offset += blockLength) {
    const before = agent.resent;
    await sendBlock(agent, Buffer.from(bytes.subarray(offset, offset + blockLength)), calm, signal);
    await agent.ask("c", "", signal);
    calm = agent.resent === before;
  }
}

async function sendBlock(agent: AgentLine, block: Buffer, calm: boolean, signal: AbortSignal): Promise<void> {
  for (let attempt = 1; attempt <= attempts; attempt++) {
    await agent.ask("0", "", signal);
    if (agent.base64) {
      await sendText(agent, block.toString("base64"), calm && attempt === 1, signal);
      await agent.ask("d", "", signal);
    } else for (const piece of escapedPieces(block, 1500)) await agent.ask("b", piece, signal);
    if (await arrived(agent, block, signal)) return;
    agent.resent++;
  }
  throw new HarnessError("OSB_SERIAL_NOISE", `${block.length} bytes of input came damaged into the guest ${attempts} times in a row`);
}

/** With `ahead`, for lines that damage nothing, the next frame is on its way while one is answered: one that is refused comes out of turn, which the sum shows. */
async function sendText(agent: AgentLine, text: string, ahead: boolean, signal: AbortSignal): Promise<void> {
  const length = ahead ? pieceLengths.ahead : pieceLengths.alone;
  const frames = Array.from({ length: Math.ceil(text.length / length) }, (_, index) =>
    agent.frame("w", text.slice(index * length, (index + 1) * length)),
  );
  for (const [index, frame] of frames.entries()) {
    const next = frames[index + 1];
    if (ahead && index === 0) agent.write(frame.frame);
    if (ahead && next) agent.write(next.frame);
    await agent.answered(frame, signal, ahead);
  }
}

async function arrived(agent: AgentLine, block: Buffer, signal: AbortSignal): Promise<boolean> {
  const sum = (await agent.ask("h", "", signal)).trim();
  if (sum !== "none") return sum === sumLike(block, sum);
  return (await agent.fetch(`${agent.folder}/c`, undefined, signal)).equals(block);
}
