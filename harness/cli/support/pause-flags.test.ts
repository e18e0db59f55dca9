import { Command } from "commander";
import { expect, test } from "vitest";
import { pauseOf, pauseOptions, type PauseFlags } from "./pause-flags.ts";

function parse(terminal: boolean, ...argv: string[]) {
  const command = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  for (const option of pauseOptions()) command.addOption(option);
  return pauseOf(command.parse(argv, { from: "user" }).opts<PauseFlags>(), terminal);
}

test("a pause is for a person at a terminal, or for a time", () => {
  expect(parse(true)).toBeUndefined();
  expect(parse(true, "--pause-on-failure")).toEqual({ forMs: undefined });
  expect(parse(false, "--pause-on-failure", "--pause-for", "10m")).toEqual({ forMs: 600_000 });
});

test.each([
  [false, ["--pause-on-failure"], /nobody is at a terminal to end the pause.*\n.*--pause-for 10m/],
  [true, ["--pause-for", "10m"], /--pause-for: .*nothing says to wait\n.*--pause-on-failure/],
  [true, ["--pause-on-failure", "--pause-for", "10"], /a number and a unit/],
  [true, ["--pause-on-failure", "--pause-for", "0s"], /a number and a unit/],
  [true, ["--pause-on-failure", "--pause-for", "999h"], /at most 24 days/],
])("at a terminal %s, %j is refused with what would be right", (terminal, argv, answer) => {
  expect(() => parse(terminal, ...argv)).toThrow(answer);
});
