import { HarnessError } from "../model/errors.ts";
import type { AgentLine } from "./agent-line.ts";
import { sumLike } from "./frames.ts";
import { escapedPieces } from "./wire.ts";

const blockLength = 48 << 10;
/** A tty's line buffer holds 4095 bytes; each piece waits until the agent has taken the one before. */
const pieceLength = 3000;
const attempts = 20;

/** Puts bytes into the agent's input file, block by block, each proven by its sum before it is added. */
export async function sendInput(agent: AgentLine, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
  await agent.ask("n", "", signal);
  for (let offset = 0; offset < bytes.length; offset += blockLength) {
    await sendBlock(agent, Buffer.from(bytes.subarray(offset, offset + blockLength)), signal);
    await agent.ask("c", "", signal);
  }
}

async function sendBlock(agent: AgentLine, block: Buffer, signal: AbortSignal): Promise<void> {
  for (let attempt = 1; attempt <= attempts; attempt++) {
    await agent.ask("0", "", signal);
    if (agent.base64) {
      const text = block.toString("base64");
      for (let at = 0; at < text.length; at += pieceLength) await agent.ask("w", text.slice(at, at + pieceLength), signal);
      await agent.ask("d", "", signal);
    } else for (const piece of escapedPieces(block, pieceLength / 2)) await agent.ask("b", piece, signal);
    if (await arrived(agent, block, signal)) return;
    agent.resent++;
  }
  throw new HarnessError("OSB_SERIAL_NOISE", `${block.length} bytes of input came damaged into the guest ${attempts} times in a row`);
}

async function arrived(agent: AgentLine, block: Buffer, signal: AbortSignal): Promise<boolean> {
  const sum = (await agent.ask("h", "", signal)).trim();
  if (sum !== "none") return sum === sumLike(block, sum);
  return (await agent.fetch(`${agent.folder}/c`, undefined, signal)).equals(block);
}
