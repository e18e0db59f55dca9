import type { Examination } from "../model/hardware.ts";
import type { Culprit } from "../model/record.ts";

/** Two machines of two processors on two cores wait for each other half of their time, and what is usual was learned like that. */
const tolerable = 0.6;

type Starved = { readonly id: string; readonly means: string; readonly fault: Culprit };

/**
 * What a host is blamed with that had too little time for a machine: how long that took, and that it said nothing, then proves nothing against the
 * image. Processors that spin have been given time and did not use it.
 */
export function starvedBy({ doing, starved }: Examination): Starved | undefined {
  return doing === "running" ? shareTooSmall(starved) : undefined;
}

/** The same of a boot whose own time-outs have run out, whatever its processors do since. */
export function shareTooSmall(starved: number | undefined): Starved | undefined {
  if (starved === undefined || starved <= tolerable) return undefined;
  const means = `this host was too busy: it had no time for the machine's processors in ${Math.round(starved * 100)} % of the time they wanted to run`;
  return { id: "host-busy", means, fault: "host" };
}
