import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { globSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, expect, onTestFinished } from "vitest";
import { openTools } from "../../host/toolbox.ts";
import { temporaryFolder } from "../../model/testdata/temporary.ts";

export const main = join(import.meta.dirname, "../main.ts");

/** `osbench WORDS` as a line of sh. */
export function osbenchLine(...words: readonly string[]): string {
  return [process.execPath, main, ...words].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
}

/** A real terminal with a shell script on it. */
export interface Pty {
  readonly pid: number;
  /** Everything the terminal was told to show so far. */
  readonly shown: string;
  type(keys: string): void;
  /** Resolves once the terminal has shown this, after what an earlier call waited for. */
  shows(pattern: RegExp, ms?: number): Promise<RegExpExecArray>;
  /** Resolves at the script's end. */
  readonly ended: Promise<void>;
}

/** Makes the toolbox, which has what terminals are made with, if there is none: longer than any test may take. */
export function prepareTerminals(): void {
  beforeAll(async () => {
    await openTools("toolbox");
  }, 600_000);
}

/**
 * Runs a script on a terminal of 100 columns and 30 rows, made by the toolbox's socat. That is started by the toolbox's own loader, not in the
 * toolbox: the script must find the host's programs.
 */
export async function openPty(...lines: readonly string[]): Promise<Pty> {
  const { root } = await openTools("toolbox");
  const [loader = ""] = globSync(join(root, "usr/lib/*/ld-linux*.so.*"));
  const script = join(temporaryFolder(), "script");
  writeFileSync(script, ["stty cols 100 rows 30", ...lines, ""].join("\n"));
  const terminal = `EXEC:sh ${script},pty,setsid,ctty,stderr`;
  const argv = ["--library-path", dirname(loader), join(root, "usr/bin/socat"), "-t", "0.2", "STDIO", terminal];
  const child = spawn(loader, argv, { stdio: ["pipe", "pipe", "ignore"], env: cleanEnvironment() });
  onTestFinished(() => endOf(child));
  let shown = "";
  let from = 0;
  child.stdout.setEncoding("utf8").on("data", (text: string) => (shown += text));
  return {
    pid: child.pid as number,
    get shown() {
      return shown;
    },
    type: (keys) => void child.stdin.write(keys),
    async shows(pattern, ms = 60_000) {
      const found = () => pattern.exec(shown.slice(from));
      await expect.poll(() => found() !== null || shown.slice(-2000), { timeout: ms, message: `the terminal shows ${pattern}` }).toBe(true);
      const match = found() as RegExpExecArray;
      from += match.index + match[0].length;
      return match;
    },
    ended: once(child, "close").then(() => {}),
  };
}

function endOf(child: ChildProcess): void {
  // Hanging up the terminal ends what runs on it.
  if (child.exitCode === null && child.signalCode === null) child.kill();
}

/** What vitest sets would make the command believe it is a test. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const ours = (name: string) => name.startsWith("VITEST") || ["NODE_OPTIONS", "TEST", "NODE_ENV"].includes(name);
  return { ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours(name))), TERM: "xterm" };
}
