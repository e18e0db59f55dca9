import { useMemo } from "preact/hooks";
import type { Story, StoryEvidence } from "../site/site-data.ts";
import type { Loaded } from "./use-piece.tsx";
import { useText } from "./use-piece.tsx";

export interface LoggedStep {
  readonly step: string;
  readonly at: string;
  readonly started: string;
  readonly ms: number;
  readonly error?: string;
  readonly commands: readonly {
    readonly command: string;
    readonly code: number;
    readonly stdout: string;
    readonly stderr: string;
    readonly ms: number;
  }[];
}

export interface Logged {
  /** Steps of this test. */
  readonly own: readonly LoggedStep[];
  /** Steps of tests before it on the same machine. */
  readonly earlier: readonly LoggedStep[];
  /** Numbers of lines that could not be read. */
  readonly damaged: readonly number[];
}

/** What the steps did, from the log in the evidence. */
export function useSteps(log: StoryEvidence | undefined, story: Story): Loaded<Logged> {
  const text = useText(log?.piece);
  return useMemo(() => {
    if (text.state !== "there") return text;
    return { state: "there", value: readSteps(text.value, story) };
  }, [text, story]);
}

/** A machine that several tests share goes on with one log: what began before this test is the others'. */
export function readSteps(text: string, story: Pick<Story, "started">): Logged {
  const steps: LoggedStep[] = [];
  const damaged: number[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const step = stepOf(line);
    if (step) steps.push(step);
    else damaged.push(index + 1);
  }
  const from = Date.parse(story.started);
  const mine = (step: LoggedStep) => Date.parse(step.started) >= from;
  return { own: steps.filter(mine), earlier: steps.filter((step) => !mine(step)), damaged };
}

function stepOf(line: string): LoggedStep | undefined {
  try {
    const step = JSON.parse(line) as Partial<LoggedStep>;
    const whole =
      typeof step.step === "string" &&
      typeof step.started === "string" &&
      typeof step.ms === "number" &&
      (step.commands === undefined || Array.isArray(step.commands));
    return whole ? ({ at: "", commands: [], ...step } as LoggedStep) : undefined;
  } catch {
    return undefined;
  }
}
