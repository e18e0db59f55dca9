import { stripVTControlCharacters, styleText } from "node:util";
import { InputError, OsbenchError } from "../../model/errors.ts";
import { mappedStack } from "../../model/stack.ts";

/** What osbench's exit codes mean, as `--help` says. */
export const exitCodes: Readonly<Record<string, string>> = {
  "0": "everything that was asked for holds",
  "1": "a claim failed: the image is not what it should be",
  "2": "wrong input: a flag, a name, a file",
  "3": "osbench, its tools or this host failed; says nothing about the image",
  "130": "interrupted",
};

/** Prints an error for a person on stderr, and returns the exit code it stands for. */
export function report(error: unknown): number {
  console.error(plainUnlessTerminal(describe(error)));
  return exitCodeOf(error);
}

export function exitCodeOf(error: unknown): number {
  if (isAbort(error)) return 130;
  if (!(error instanceof OsbenchError)) return 3;
  return { image: 1, "not-applicable": 1, input: 2, harness: 3 }[error.fault];
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}

function describe(error: unknown): string {
  if (isAbort(error)) return "interrupted";
  if (error instanceof InputError) return `${styleText("red", "error")}: ${error.message}`;
  if (error instanceof OsbenchError) {
    const evidence = Object.entries(error.evidence).filter(([, text]) => text.trim() !== "");
    return [
      `${styleText("red", "error")}: ${error.message} ${styleText("dim", `[${error.code}]`)}`,
      ...evidence.map(([title, text]) => (text.includes("\n") ? `  ${title}:\n${indent(text.trimEnd())}` : `  ${title}: ${text}`)),
      ...(error.hint ? [`  ${error.hint}`] : []),
    ].join("\n");
  }
  // Nobody threw this on purpose, so the place matters more than the words.
  const stack = error instanceof Error ? mappedStack(error.stack ?? error.message) : String(error);
  return `${styleText("red", "error")}: osbench itself failed; this is a bug in osbench\n${indent(stack)}`;
}

function indent(text: string): string {
  return text.replace(/^/gm, "    ");
}

function plainUnlessTerminal(text: string): string {
  return process.stderr.isTTY && !process.env["NO_COLOR"] ? text : stripVTControlCharacters(text);
}
