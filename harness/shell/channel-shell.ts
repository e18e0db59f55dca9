import type { Duplex } from "node:stream";
import { GuestShell } from "./guest-shell.ts";
import { streamLine } from "./line.ts";
import { RawEngine, type AgentStanding } from "./raw-engine.ts";

/** Names of the two ports a guest's shell stands on: commands and stdout on one, stderr on the other. */
export const shellPorts = { shell: "org.osbench.shell", stderr: "org.osbench.stderr" } as const;

/**
 * Opens a shell over two clean lines on which a POSIX sh waits, or the agent that an earlier user left there and told of; resolves once it answered. What
 * else is left on them is skipped.
 */
export async function openChannelShell(line: Duplex, errorLine: Duplex, signal: AbortSignal, left?: AgentStanding): Promise<GuestShell> {
  const engine = new RawEngine(streamLine(line), streamLine(errorLine), left);
  try {
    await (left ? engine.goOn(left, signal) : engine.open(signal));
    return new GuestShell("channel", engine);
  } catch (error) {
    engine.lose("it did not open");
    throw error;
  }
}
