import { standing, verdict } from "./login-standing.ts";

/** What was said on each line before the last. A getty echoes Ctrl-U where it does not know it. */
const before = (text: string) =>
  text
    .split("\n")
    .slice(0, -1)
    .map((line) => line.trim().replace(/^\^U/, ""));

/** Whether a getty that asks again has read the name, by its echo: until then the prompt may be one that was on its way when that was typed. */
export function isHeard(text: string, user: string): boolean {
  return before(text).some((line) => line === user || standing(line).typed === user);
}

/** Whether a getty echoed something else than the name that was typed: it lost keys, or others were in its way. Some echo nothing. */
export function isMisheard(text: string, user: string): boolean {
  return before(text).some((line) => line !== "") && !isHeard(text, user);
}

/** Whether the password prompt at the end of a text answers a name that is not this user's: firmware's keys, or a question meant for a shell. */
export function isForeign(text: string, user: string, commands: readonly string[]): boolean {
  const lines = text.trimEnd().split("\n").slice(0, -1);
  const named = standing(lines.findLast((line) => line.trim() !== "") ?? "");
  return commands.some((command) => text.includes(command.trim())) || (named.typed !== "" && named.typed !== user);
}

/** Whether something that was typed stands at the end of a line, readable. */
export function isEchoed(text: string, typed: string): boolean {
  return text.split("\n").some((line) => line.trim().endsWith(typed));
}

/** Whether a password was asked for on any line. */
export function asksPassword(text: string): boolean {
  return text.split("\n").some((line) => standing(line).kind === "password");
}

/** The line that holds a verdict, or "". */
export function verdictLine(text: string): string {
  return text.split("\n").findLast((line) => verdict(line)) ?? "";
}
