import { randomBytes } from "node:crypto";
import { createInterface } from "node:readline/promises";
import { quote } from "../../shell/quote.ts";

export interface PromptResult {
  readonly code: number;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
}

/** Runs one command to its end. */
export type RunCommand = (command: string) => Promise<PromptResult>;

export interface PromptOptions {
  /** What stands before the guest's folder, e.g. the machine's name. */
  readonly label: string;
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  readonly signal: AbortSignal;
}

/**
 * A prompt for a shell that has no terminal: reads a line, runs it, prints what came of it. The folder is kept from one command to the next,
 * nothing else is. Resolves with the last command's exit code at Ctrl-D, `exit` or the signal, with 130 when Ctrl-C leaves a command alone that
 * does not end; rejects when the shell is lost.
 */
export async function prompt(run: RunCommand, { label, input, output, signal }: PromptOptions): Promise<number> {
  const lines = createInterface({ input, output, terminal: true });
  const typed = lines[Symbol.asyncIterator]();
  let running = false;
  let open = true;
  lines.once("close", () => (open = false));
  const left = new Promise<undefined>((resolve) => {
    const leave = () => {
      lines.close();
      resolve(undefined);
    };
    signal.addEventListener("abort", leave, { once: true });
    lines.on("SIGINT", () => (running ? leave() : output.write("^C (Ctrl-D leaves)\n")));
  });
  let folder = "/";
  let code = 0;
  try {
    for (;;) {
      const ready = `${label}:${folder}# `;
      lines.setPrompt(ready);
      // What was typed ahead is still to be run when the input has ended.
      if (open) lines.prompt();
      else output.write(ready);
      const { value: line = "exit" } = (await typed.next()) as { value?: string };
      const leave = /^\s*exit(?:\s+(\d+))?\s*$/.exec(line);
      if (leave) return leave[1] === undefined ? code : Number(leave[1]);
      if (line.trim() === "") continue;
      const mark = randomBytes(8).toString("hex");
      // Where it is at its end is said behind all that the command itself prints.
      const trap = `trap 'osb=$?; printf "%s%s" ${mark} "$PWD"; exit $osb' EXIT`;
      running = true;
      const result = await Promise.race([run(`${trap}; cd ${quote(folder)} && eval ${quote(line)}`), left]);
      running = false;
      if (result === undefined) return 130;
      const stdout = Buffer.from(result.stdout);
      const at = stdout.lastIndexOf(mark);
      if (at >= 0) folder = stdout.subarray(at + mark.length).toString();
      code = result.code;
      output.write(at < 0 ? stdout : stdout.subarray(0, at));
      output.write(result.stderr);
      if (code !== 0) output.write(`(exit code ${code})\n`);
    }
  } finally {
    lines.close();
  }
}
