import { verbs } from "./verbs/index.ts";

/** What a machine is given to a test as: `off`; or `booted`, which may be a fork of one that booted before. */
export const starts = ["off", "booted"] as const;
export type Start = (typeof starts)[number];

/** What a fork's guest takes the time for: what it was when the moment was saved, or what it is. One that boots has the host's time either way. */
export const clocks = ["saved", "now"] as const;
export type Clock = (typeof clocks)[number];

export interface SaidStep {
  readonly verb: string;
  readonly input: unknown;
}

/**
 * How a test starts that does not say so. Only one whose first step finds the machine running by the language's own rule starts booted: whoever claims
 * something about a boot must make it.
 */
export function impliedStart(steps: readonly SaidStep[]): Start {
  const first = steps[0];
  if (first === undefined || aboutItsBoot(steps) !== undefined) return "off";
  return first.verb === "reboot" || verbs[first.verb]?.needs === "on" ? "booted" : "off";
}

/** The first step that claims something about the boot the machine is in when the test starts; undefined if none does. */
export function aboutItsBoot(steps: readonly SaidStep[]): number | undefined {
  for (const [index, { verb, input }] of steps.entries()) {
    if (verb === "boot" || (verb === "power" && stateOf(input) === "on")) return index;
    if (verb === "console" && sinceOf(input) === "power-on") return index;
    // From the next boot on, every boot is the test's own.
    if (verb === "reboot" || verb === "power") return undefined;
  }
  return undefined;
}

function stateOf(input: unknown): unknown {
  return typeof input === "object" && input !== null && "state" in input ? input.state : input;
}

function sinceOf(input: unknown): unknown {
  return typeof input === "object" && input !== null && "since" in input ? input.since : undefined;
}
