import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import type { Socket } from "node:net";
import { dirname, join } from "node:path";
import { isatty } from "node:tty";
import { sweep } from "../../host/workspace.ts";
import { suiteTestOptions } from "../options.ts";
import { spareWord, type FirstWord } from "./first-word.ts";
import { forgetPromise, promiseJob } from "./promise.ts";

const vitest = dirname(createRequire(import.meta.url).resolve("vitest/package.json"));
const entrypoint = join(vitest, "dist/workers/forks.js");
const nodeEnv = process.env["NODE_ENV"] || "development";
const conditions = ["--conditions", "node", "--conditions", nodeEnv === "production" ? "production" : "development"];
const execArgv = [
  "--experimental-import-meta-resolve",
  "--require",
  join(vitest, "suppress-warnings.cjs"),
  ...conditions,
  ...suiteTestOptions.execArgv,
];

/** What vitest gives its workers beside the environment of this process. */
const vitestEnv = { TEST: "true", VITEST: "true", NODE_ENV: nodeEnv, VITEST_MODE: "RUN" };

interface Spare {
  readonly process: ChildProcess;
  readonly env: NodeJS.ProcessEnv;
}

let spare: Spare | undefined;

/**
 * Starts a process that can become vitest's first worker. Loading vitest and the harness takes it as long as planning a run takes us, so that on two
 * cores nobody waits for the worker. It ends with this process, and never keeps it from ending.
 * Returns its process id, undefined if it could not be started: then the first worker is one like all others.
 */
export function startSpareWorker(): number | undefined {
  const env = { ...process.env, ...vitestEnv, FORCE_TTY: isatty(1) ? "true" : "" };
  const child = fork(entrypoint, [spareWord], { env, execArgv, stdio: "pipe", serialization: "advanced" });
  child.on("error", () => (spare = undefined));
  // Each of these alone would keep this process waiting for ever, were nothing ever run.
  child.unref();
  child.channel?.unref();
  for (const stream of [child.stdin, child.stdout, child.stderr]) (stream as Socket | null)?.unref();
  spare = { process: child, env };
  return child.pid;
}

/** Tells the process that was started early what the first test of the job it will be given asks for. It waits for that, so it must be told. */
export function tellSpareWorker(word: FirstWord, job: string): void {
  if (!spare?.process.connected) return;
  if (word.request) promiseJob(job, spare.process);
  spare.process.send(word, (error) => void (error && endSpareWorker()));
}

/** Ends the process that was started early, if nobody has taken it, and its machine with it; resolves when nothing of them is left. */
export async function endSpareWorker(): Promise<void> {
  if (!spare) return;
  const { process: child } = spare;
  spare = undefined;
  forgetPromise();
  if (!child.kill("SIGKILL")) return;
  child.ref();
  await once(child, "exit");
  await sweep();
}

/** The process that was started early, if it is exactly what vitest would start now; one that is not is ended. */
export function takeSpareWorker(wanted: {
  readonly entrypoint: string;
  readonly execArgv: readonly string[];
  readonly env: Partial<NodeJS.ProcessEnv>;
}): ChildProcess | undefined {
  if (!spare) return undefined;
  const { process: child, env } = spare;
  spare = undefined;
  if (child.connected && wanted.entrypoint === entrypoint && same(wanted.execArgv, execArgv) && sameEnv(wanted.env, env)) {
    child.ref();
    child.channel?.ref();
    return child;
  }
  child.kill("SIGKILL");
  forgetPromise();
  return undefined;
}

function same(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((one, index) => one === others[index]);
}

function sameEnv(one: Partial<NodeJS.ProcessEnv>, other: NodeJS.ProcessEnv): boolean {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].every((name) => one[name] === other[name]);
}
