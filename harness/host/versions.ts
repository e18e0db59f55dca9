import type { ToolsPlace } from "../model/context.ts";
import { OsbenchError } from "../model/errors.ts";
import { runTool } from "./tools.ts";

/** Asks each program for its version; a program that is missing or does not say is absent from the answer. */
export async function askVersions(tools: ToolsPlace, programs: readonly string[]): Promise<Record<string, string>> {
  const answers = await Promise.all(programs.map(async (program) => [program, await askVersion(tools, program)] as const));
  return Object.fromEntries(answers.filter((answer): answer is [string, string] => answer[1] !== undefined));
}

async function askVersion(tools: ToolsPlace, program: string): Promise<string | undefined> {
  try {
    const { stdout, stderr } = await runTool(tools, [program, "--version"], { timeoutMs: 30_000 });
    return firstVersion(stdout + stderr);
  } catch (error) {
    if (error instanceof OsbenchError) return undefined;
    throw error;
  }
}

/** The first thing in a text that looks like a version. */
export function firstVersion(text: string): string | undefined {
  return /\d+(?:\.\d+)*/.exec(text)?.[0];
}

/** Says whether version `a` comes before `b`, number by number. */
export function isOlder(a: string, b: string): boolean {
  const [left, right] = [a, b].map((version) => version.split(".").map(Number)) as [number[], number[]];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
