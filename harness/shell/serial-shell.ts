import type { Way } from "../model/shell.ts";
import { AgentLine } from "./agent-line.ts";
import { FramedEngine } from "./framed-engine.ts";
import { GuestShell } from "./guest-shell.ts";
import { quietKernel } from "./kernel-log.ts";
import type { Line } from "./line.ts";
import { loadAgent, type Standing } from "./load-agent.ts";
import { login, type Account } from "./login.ts";
import type { TextLine } from "./text-line.ts";

export interface FramedOptions {
  readonly way: Way;
  readonly standing: Standing;
}

/** How to log in on a serial console, as image.yaml says it under `access`. */
export interface SerialAccess extends Account {
  /** `quiet` lowers the kernel's console log level while the shell is open and puts it back when it is closed; by default it is never changed. */
  readonly "kernel-log"?: "keep" | "quiet" | undefined;
}

/** Opens a shell over one line that others, the kernel first of all, may write to as well: a UART, a port without a second one for stderr. */
export async function openFramedShell(line: Line, options: FramedOptions, signal: AbortSignal): Promise<GuestShell> {
  const agent = new AgentLine(line);
  try {
    await loadAgent(agent, options.standing, signal);
    const engine = new FramedEngine(agent);
    await engine.teach(signal);
    return new GuestShell(options.way, engine);
  } catch (error) {
    agent.lose("it did not open");
    throw error;
  }
}

/** Logs in on the serial console and opens a shell there. The getty comes back when it is closed. */
export async function openSerialShell(console: TextLine, access: SerialAccess, signal: AbortSignal): Promise<GuestShell> {
  await login(console, access, signal);
  console.answerQueries(false);
  // A serial line never says that nobody is there any more; whoever has the machine does.
  const line: Line = { write: (data) => console.write(data), listen: (listener) => console.listen(listener), onLost: () => () => {} };
  try {
    const shell = await openFramedShell(line, { way: "serial", standing: "login" }, signal);
    shell.atEnd(() => console.answerQueries(true));
    try {
      if (access["kernel-log"] === "quiet") await quietKernel(shell);
    } catch (error) {
      // The getty must come back: nobody could log in again.
      await shell[Symbol.asyncDispose]();
      throw error;
    }
    return shell;
  } catch (error) {
    console.answerQueries(true);
    throw error;
  }
}
