import { watch } from "node:fs";
import { mkdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { ToolsPlace } from "../model/context.ts";
import type { PcrBank } from "../model/target.ts";
import { HarnessError } from "../model/errors.ts";
import { runTool, spawnTool } from "../host/tools.ts";

/**
 * Makes a TPM's non-volatile state: TPM 2.0 with these PCR banks active and no others; in the background it leaves the processor to others.
 * Source: swtpm_setup(8).
 */
export async function manufactureTpm(
  tools: ToolsPlace,
  stateFolder: string,
  banks: readonly PcrBank[],
  signal: AbortSignal,
  { background = false } = {},
): Promise<void> {
  await mkdir(stateFolder, { recursive: true });
  const argv = [
    ...(background ? ["nice"] : []),
    "swtpm_setup",
    "--tpm2",
    "--tpmstate",
    stateFolder,
    "--pcr-banks",
    banks.join(","),
    "--overwrite",
  ];
  // It starts swtpm by itself, more than once: whatever ends it ends those too.
  await runTool(tools, argv, { signal, timeoutMs: 30_000, tree: true });
}

/**
 * Starts a TPM on its state; it ends with the first connection's end (--terminate), so each power-on needs its own.
 * Resolves when its control socket exists, with what ends a TPM nobody connects to. Source: swtpm(8).
 */
export async function startTpm(tools: ToolsPlace, stateFolder: string, socket: string, signal: AbortSignal): Promise<() => void> {
  const appeared = fileAppears(socket, signal);
  appeared.catch(() => {});
  const log = join(dirname(stateFolder), "swtpm.log");
  const process = spawnTool(
    tools,
    [
      "swtpm",
      "socket",
      "--tpm2",
      "--tpmstate",
      `dir=${stateFolder}`,
      "--ctrl",
      `type=unixio,path=${socket}`,
      "--terminate",
      "--log",
      `file=${log},level=1`,
    ],
    { stdout: "ignore", stderr: "pipe" },
  );
  let complaint = "";
  process.stderr?.on("data", (text: Buffer) => (complaint += text.toString()));
  const ended = process.then(
    () => undefined,
    () => undefined,
  );
  const early = ended.then(() => {
    throw new HarnessError("OSB_SWTPM", `swtpm ended before it was ready: ${complaint.trim() || "it said nothing"}`, { evidence: { log } });
  });
  early.catch(() => {});
  const end = () => void process.kill("SIGKILL");
  try {
    await Promise.race([appeared, early]);
    return end;
  } catch (error) {
    end();
    throw error;
  }
}

function fileAppears(path: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const watcher = watch(dirname(path), (_, name) => {
      if (name !== basename(path)) return;
      watcher.close();
      resolve();
    });
    signal.addEventListener(
      "abort",
      () => {
        watcher.close();
        reject(signal.reason as Error);
      },
      { once: true },
    );
  });
}
