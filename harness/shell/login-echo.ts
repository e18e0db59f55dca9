import { standing, verdict } from "./login-standing.ts";

/** Whether a getty echoed something else than the name that was typed: it lost keys, or others were in its way. Some echo nothing. */
export function isMisheard(text: string, user: string): boolean {
  const lines = text.split("\n").map((line) => line.trim().replace(/^\^U/, ""));
  const echo = lines.slice(0, -1).find((line) => line !== "");
  return echo !== undefined && echo !== user;
}

/** Whether the password prompt at the end of a text answers a name that is not this user's: firmware's keys, or a question meant for a shell. */
export function isForeign(text: string, user: string, commands: readonly string[]): boolean {
  const lines = text.trimEnd().split("\n").slice(0, -1);
  const named = standing(lines.findLast((line) => line.trim() !== "") ?? "");
  return commands.some((command) => text.includes(command.trim())) || (named.typed !== "" && named.typed !== user);
}

/** The line that holds a verdict, or "". */
export function verdictLine(text: string): string {
  return text.split("\n").findLast((line) => verdict(line)) ?? "";
}
