import { join } from "node:path";
import { execa, type Options, type ResultPromise } from "execa";
import type { ToolsPlace } from "../model/context.ts";
import { HarnessError } from "../model/errors.ts";
import { uncovered } from "./place.ts";

/** The argv that runs a tool in its place with the host's files at the same paths; the tool is killed when the process that started it dies. */
export function toolCommand(tools: ToolsPlace, argv: readonly string[]): string[] {
  // setpriv(1), bwrap(1): both ask the kernel for a signal at the parent's death (PR_SET_PDEATHSIG), which nothing else survives a SIGKILL with.
  if (tools.kind === "host") return ["setpriv", "--pdeathsig", "KILL", "--", ...argv];
  return ["bwrap", "--die-with-parent", ...binds(tools.root), "--", ...argv];
}

/** Like `toolCommand`, for a tool that starts processes of its own (a build): they all end with it. */
export function toolTreeCommand(tools: ToolsPlace, argv: readonly string[]): string[] {
  // Killing the first process of a PID namespace kills all of it (pid_namespaces(7)).
  if (tools.kind === "host")
    return ["setpriv", "--pdeathsig", "KILL", "--", "unshare", "--pid", "--fork", "--kill-child", "--mount-proc", ...argv];
  return ["bwrap", "--die-with-parent", "--unshare-pid", ...binds(tools.root), "--proc", "/proc", "--", ...argv];
}

function binds(root: string): string[] {
  const own = ["/etc/resolv.conf", "/etc/hosts", "/etc/ssl/certs/ca-certificates.crt"];
  return [
    ...["--dev-bind", "/", "/"],
    ...["--ro-bind", join(root, "usr"), "/usr"],
    ...["--ro-bind", join(root, "etc"), "/etc"],
    ...own.flatMap((file) => ["--ro-bind-try", file, file]),
    ...uncovered().flatMap((folder) => ["--bind-try", folder, folder]),
    // The caller's PATH names folders of the host, and its Python settings another Python.
    ...["--setenv", "PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
    ...["--unsetenv", "PYTHONPATH", "--unsetenv", "PYTHONHOME", "--unsetenv", "LD_LIBRARY_PATH", "--unsetenv", "LD_PRELOAD"],
  ];
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
  const [file, ...rest] = toolCommand(tools, argv) as [string, ...string[]];
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
  const [file, ...rest] = (options.tree ? toolTreeCommand : toolCommand)(tools, argv) as [string, ...string[]];
  const timeoutMs = options.timeoutMs ?? 60_000;
  const lines = options.onLine && { stdout: listener(options.onLine), stderr: listener(options.onLine) };
  options.signal?.throwIfAborted();
  const result = await execa(file, rest, {
    reject: false,
    timeout: timeoutMs,
    forceKillAfterDelay: 2000,
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
  if (errorCode === "ENOENT") return { hint: "bubblewrap (bwrap) or util-linux (setpriv) is missing: run `osbench doctor`" };
  if (/bwrap: .*(namespace|uid map|Permission|not permitted)/i.test(stderr))
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
