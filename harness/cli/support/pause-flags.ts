import { InvalidArgumentError, Option } from "commander";
import type { WorkerContext } from "../../model/context.ts";
import { InputError, type Problem } from "../../model/errors.ts";
import { duration } from "../../suite/duration.ts";

export interface PauseFlags {
  readonly pauseOnFailure?: boolean;
  /** Milliseconds. */
  readonly pauseFor?: number;
}

export function pauseOptions(): Option[] {
  return [
    new Option(
      "--pause-on-failure",
      "keep the machine of a test that fails, say how to get into it, and wait until you are done; its record stands",
    ),
    new Option("--pause-for <duration>", "wait no longer than this, e.g. 10m").argParser(milliseconds),
  ];
}

/** What a run is told. Throws InputError for a pause that nobody could end. */
export function pauseOf({ pauseOnFailure, pauseFor }: PauseFlags, terminal: boolean): WorkerContext["pause"] {
  if (!pauseOnFailure && pauseFor !== undefined)
    throw wrong({
      at: { flag: "--pause-for" },
      what: "says how long to wait, and nothing says to wait",
      remedy: "Add --pause-on-failure.",
    });
  if (!pauseOnFailure) return undefined;
  if (!terminal && pauseFor === undefined) {
    const what = "nobody is at a terminal to end the pause, and the run would wait for ever";
    throw wrong({ at: { flag: "--pause-on-failure" }, what, remedy: "Run it at a terminal, or say how long to wait: --pause-for 10m" });
  }
  return { forMs: pauseFor };
}

function wrong(problem: Problem): InputError {
  return new InputError([problem]);
}

/** setTimeout's largest, 24 days. */
const longest = 2 ** 31 - 1;

function milliseconds(value: string): number {
  const parsed = duration.safeParse(value);
  if (!parsed.success || parsed.data > longest || parsed.data <= 0)
    throw new InvalidArgumentError("Give a number and a unit: 90s, 10m, 2h; at most 24 days.");
  return parsed.data;
}
