import { createWriteStream } from "node:fs";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { HarnessError } from "../model/errors.ts";
import type { ToolsPlace } from "../model/context.ts";
import { spawnTool } from "../host/tools.ts";
import { Qmp } from "./qmp.ts";
import type { FifoLine } from "./fifo.ts";
import type { Listener } from "./socket.ts";

/** One power cycle: a running QEMU with its lines connected. */
export interface PowerCycle {
  readonly qmp: Qmp;
  readonly serial: Duplex;
  readonly ports: ReadonlyMap<string, Socket>;
  /** Resolves when the process is gone, with what it said on stderr last. */
  readonly ended: Promise<string>;
  kill(): void;
}

export interface PowerLines {
  readonly monitor: Listener;
  readonly serial: FifoLine;
  readonly ports: ReadonlyMap<string, Listener>;
}

const startDeadlineMs = 30_000;

/** Starts QEMU paused, with every line connected and the monitor negotiated. Throws HarnessError with QEMU's own words if it ends before that. */
export async function startPowerCycle(
  tools: ToolsPlace,
  argv: readonly string[],
  lines: PowerLines,
  logFile: string,
  signal: AbortSignal,
): Promise<PowerCycle> {
  const giveUp = new AbortController();
  const both = AbortSignal.any([signal, giveUp.signal]);
  const connections = Promise.all([
    lines.monitor.next(both),
    ...[...lines.ports].map(async ([name, listener]) => [name, await listener.next(both)] as const),
  ]);
  const serial = lines.serial.connect();
  const child = spawnTool(tools, argv, { stdout: "ignore", stderr: "pipe" });
  const log = createWriteStream(logFile, { flags: "a" });
  let lastWords = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    lastWords = (lastWords + chunk.toString()).slice(-2000);
    log.write(chunk);
  });
  const ended = child.then(
    () => lastWords.trim(),
    () => lastWords.trim(),
  );
  void ended.then(() => log.end());
  const early = ended.then((words) => {
    throw new HarnessError("OSB_QEMU_START", `QEMU ended before it ran: ${words || "it said nothing"}`, {
      evidence: { argv: argv.join(" ") },
    });
  });
  const timer = setTimeout(
    () => giveUp.abort(new HarnessError("OSB_QEMU_START", `QEMU did not connect its lines within ${startDeadlineMs / 1000} s`)),
    startDeadlineMs,
  );
  try {
    const [monitor, ...ports] = await Promise.race([connections, early]);
    const qmp = new Qmp(monitor);
    await Promise.race([qmp.negotiate(both), early]);
    return { qmp, serial, ports: new Map(ports), ended, kill: () => child.kill("SIGKILL") };
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  } finally {
    clearTimeout(timer);
    giveUp.abort();
    connections.catch(() => {});
    early.catch(() => {});
  }
}
