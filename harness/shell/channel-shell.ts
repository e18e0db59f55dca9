import type { Duplex } from "node:stream";
import { GuestShell } from "./guest-shell.ts";
import { streamLine } from "./line.ts";
import { RawEngine } from "./raw-engine.ts";

/** Names of the two ports a guest's shell stands on: commands and stdout on one, stderr on the other. */
export const shellPorts = { shell: "org.osbench.shell", stderr: "org.osbench.stderr" } as const;

/** Opens a shell over two clean lines on which a POSIX sh waits; resolves once it answered. What an earlier user left on them is skipped. */
export async function openChannelShell(line: Duplex, errorLine: Duplex, signal: AbortSignal): Promise<GuestShell> {
  const engine = new RawEngine(streamLine(line), streamLine(errorLine));
  try {
    await engine.open(signal);
    return new GuestShell("channel", engine);
  } catch (error) {
    engine.lose("it did not open");
    throw error;
  }
}
