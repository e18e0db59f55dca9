import { join } from "node:path";
import type { Options, ResultPromise } from "execa";
import type { ToolsPlace } from "../model/context.ts";
import { HarnessError } from "../model/errors.ts";
import { execa } from "./execa.ts";
import { enter, entranceMade, entranceTo } from "./entrance.ts";
import { uncovered } from "./place.ts";

/**
 * The argv that runs a tool in its place, with the host's files at the same paths. The process it starts is the tool itself (same pid, its own
 * signals and exit code), and is killed when this process dies. Only this process may start it, directly.
 */
export function toolCommand(tools: ToolsPlace, argv: readonly string[]): string[] {
  if (tools.kind === "host") return [...dieWithParent, String(process.pid), ...argv];
  // No sandbox program with a monitor in between: killed while it sets up, it leaves its child behind, for ever.
  return [...ownMounts(), "sh", enter, "once", tools.root, String(process.pid), ...uncovered(), "--", ...argv];
}

/** Like `toolCommand`, for a tool that mounts nothing: it shares its mounts with others of this process. */
function sharedCommand(tools: ToolsPlace, argv: readonly string[]): string[] {
  const way = tools.kind === "host" ? undefined : entranceTo(tools.root);
  return way ? [...way, ...argv] : toolCommand(tools, argv);
}

/** Like `toolCommand`, for a tool that starts processes of its own (a build): they all end with it. To be ended by SIGKILL. */
export function toolTreeCommand(tools: ToolsPlace, argv: readonly string[]): string[] {
  // Killing the first process of a PID namespace kills all of it (pid_namespaces(7)). Its parent has no number inside.
  const ownProcesses = ["--pid", "--fork", "--kill-child=KILL", "--mount-proc", "--"];
  const guarded = [...dieWithParent, String(process.pid)];
  if (tools.kind === "host") return [...guarded, ...ownMounts().slice(0, -1), ...ownProcesses, ...argv];
  return [...guarded, ...ownMounts().slice(0, -1), ...ownProcesses, "sh", enter, "once", tools.root, "0", ...uncovered(), "--", ...argv];
}

/**
 * setpriv(1) asks the kernel for a signal at the parent's death (PR_SET_PDEATHSIG): nothing else outlasts a SIGKILL of the parent. A parent that
 * died before is noticed by its number, which comes next.
 */
const dieWithParent = ["setpriv", "--pdeathsig", "KILL", "--", "sh", "-c", '[ "$PPID" = "$0" ] || exit 125; exec "$@"'];

/** unshare(1) with mounts of its own; without root, in a user namespace that keeps the user's id. */
function ownMounts(): string[] {
  const user = process.getuid?.() === 0 ? [] : ["--user", "--map-current-user", "--keep-caps"];
  return ["unshare", ...user, "--mount", "--"];
}

/** Host path of a file of the tools, e.g. `/usr/share/OVMF/x.fd`, for reading it from this process. */
export function toolFile(tools: ToolsPlace, path: string): string {
  return tools.kind === "host" ? path : join(tools.root, path);
}

type Defaults = { reject: false; buffer: false; stdin: "ignore"; forceKillAfterDelay: 2000 };
type Merged<O extends Options> = Omit<Defaults, keyof O> & O;

/**
 * Starts a long-lived tool (QEMU, swtpm). It is never detached and dies with this process, even by SIGKILL.
 * The returned promise resolves at its end and never rejects unless asked (`reject`); output is kept only if asked (`buffer`).
 */
export function spawnTool<const O extends Options>(tools: ToolsPlace, argv: readonly string[], options: O): ResultPromise<Merged<O>> {
  const [file, ...rest] = sharedCommand(tools, argv) as [string, ...string[]];
  const defaults: Defaults = { reject: false, buffer: false, stdin: "ignore", forceKillAfterDelay: 2000 };
  return execa(file, rest, { ...defaults, ...options, detached: false }) as unknown as ResultPromise<Merged<O>>;
}

export interface ToolOptions {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds; default 60 000. */
  readonly timeoutMs?: number;
  readonly input?: string | Uint8Array;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Called with every line of stdout and stderr as it comes. */
  readonly onLine?: (line: string) => void;
  /** The tool starts processes of its own: end them all with it. */
  readonly tree?: boolean;
}

/**
 * Runs a tool to its end. Throws HarnessError `OSB_TOOL` with command, exit code and the end of its stderr if it fails or takes longer than
 * `timeoutMs`, and the signal's reason if aborted.
 */
export async function runTool(
  tools: ToolsPlace,
  argv: readonly string[],
  options: ToolOptions = {},
): Promise<{ stdout: string; stderr: string }> {
  if (!options.tree && tools.kind === "toolbox") await entranceMade(tools.root);
  const [file, ...rest] = (options.tree ? toolTreeCommand : sharedCommand)(tools, argv) as [string, ...string[]];
  const timeoutMs = options.timeoutMs ?? 60_000;
  const lines = options.onLine && { stdout: listener(options.onLine), stderr: listener(options.onLine) };
  options.signal?.throwIfAborted();
  const result = await execa(file, rest, {
    reject: false,
    timeout: timeoutMs,
    ...(options.tree ? { killSignal: "SIGKILL" } : { forceKillAfterDelay: 2000 }),
    stripFinalNewline: false,
    ...(options.input === undefined ? { stdin: "ignore" } : { input: options.input }),
    ...(options.signal && { cancelSignal: options.signal }),
    ...(options.cwd && { cwd: options.cwd }),
    ...(options.env && { env: options.env }),
    ...lines,
  });
  if (!result.failed) return { stdout: String(result.stdout), stderr: String(result.stderr) };
  if (result.isCanceled) options.signal?.throwIfAborted();
  const seconds = (result.durationMs / 1000).toFixed(1);
  const what = result.timedOut
    ? `did not end within ${timeoutMs / 1000} s`
    : result.exitCode === undefined
      ? `could not be run: ${result.signal ? `killed by ${result.signal}` : (result.originalMessage ?? result.shortMessage)}`
      : `failed with exit code ${result.exitCode} after ${seconds} s`;
  throw new HarnessError("OSB_TOOL", `${argv[0]} ${what}`, {
    ...hint(result.code, String(result.stderr ?? "")),
    evidence: { command: argv.join(" "), stderr: tail(String(result.stderr ?? "")), stdout: tail(String(result.stdout ?? "")) },
  });
}

function hint(errorCode: string | undefined, stderr: string): { hint?: string } {
  if (errorCode === "ENOENT") return { hint: "util-linux (unshare, setpriv) is missing: run `osbench doctor`" };
  if (/^(unshare|mount): .*(not permitted|permission denied)/im.test(stderr))
    return { hint: "This host forbids unprivileged namespaces: run as root, or allow them (sysctl kernel.unprivileged_userns_clone=1)" };
  return {};
}

function listener(onLine: (line: string) => void): ["pipe", (line: unknown) => Generator<unknown>] {
  return [
    "pipe",
    function* (line: unknown) {
      onLine(String(line));
      yield line;
    },
  ];
}

/** The last lines of an output, at most 4000 characters. */
export function tail(text: string): string {
  return text.length > 4000 ? `…${text.slice(-4000)}` : text;
}
