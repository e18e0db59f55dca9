import type { Examination } from "../model/hardware.ts";
import type { Phase } from "../model/phase.ts";
import type { End } from "./failure.ts";
import type { Overdue } from "./hang.ts";
import { starvedBy } from "./starved.ts";

const seconds = (ms: number) => `${(ms / 1000).toFixed(0)} s`;

/**
 * Judges a phase that is overdue by what the processors do. Silence alone proves nothing while they run and get about: such a machine is slow, and
 * only its time can run out. Undefined if it must be left to go on.
 */
export function stuck(
  overdue: Overdue,
  phase: Phase,
  processors: Examination,
  usualMs: number | undefined,
  silentNowMs: number,
): Pick<End, "code" | "what" | "unexplained"> | undefined {
  const silent = overdue.why === "silent";
  if (silent && (silentNowMs < overdue.silentMs || !["halted", "unwoken", "spinning"].includes(processors.doing))) return undefined;
  const usual = usualMs === undefined ? "no earlier boot to compare with" : `usually ${(usualMs / 1000).toFixed(1)} s`;
  const lasted = `${phase} phase not over after ${seconds(overdue.lastedMs)} (${usual})`;
  const talks = overdue.silentMs < 10_000 ? "the console still talks" : `the console silent for ${seconds(overdue.silentMs)}`;
  const what = `${lasted}, ${talks}, ${doing[processors.doing]}`;
  if (processors.doing === "unwoken" && overdue.silentMs >= 10_000)
    return {
      code: "OSB_STUCK",
      what,
      unexplained: { id: "no-interrupt", means: "no interrupt reaches the halted processors", fault: "emulator" },
    };
  const starved = starvedBy(processors);
  if (starved) return { code: "OSB_STUCK", what: `${what}; ${starved.means}`, unexplained: starved };
  if (phase === "firmware" && processors.doing === "running" && processors.inFlash) {
    const means = "the firmware is still in its first stage, in flash, where nothing of the image runs";
    return { code: "OSB_STUCK", what: `${what}: ${means}`, unexplained: { id: "firmware-first-stage", means, fault: "firmware" } };
  }
  return {
    code: "OSB_STUCK",
    what,
    unexplained: { id: talks.startsWith("the console still") ? "slow" : "silent", means: what, fault: "image" },
  };
}

const doing: Readonly<Record<Examination["doing"], string>> = {
  halted: "its processors wait for an interrupt",
  unwoken: "its processors wait for an interrupt, and none comes",
  spinning: "its processors spin in one place",
  running: "its processors run",
  off: "the machine is off",
  unknown: "what its processors do is not known",
};
