import { ClaimFailed, HarnessError } from "../model/errors.ts";
import type { Boot, Phase } from "../model/phase.ts";
import type { VerbContext } from "./verb.ts";

const key = "boots seen";

/** How many boots the steps so far have accounted for. Any more happened behind their back. */
export function seenBoots(context: VerbContext): number {
  return (context.memory.get(key) as number | undefined) ?? context.machine.boots.length;
}

/** Accounts for every boot made up to now. */
export function accountForBoots(context: VerbContext): void {
  context.memory.set(key, context.machine.boots.length);
}

/** Throws ClaimFailed when the machine has rebooted without a step that says so. */
export function noUnexpectedBoot(context: VerbContext): void {
  const unseen = context.machine.boots.length - seenBoots(context);
  if (unseen > 0) {
    throw new ClaimFailed(
      "OSB_UNEXPECTED_REBOOT",
      `the machine has rebooted by itself ${unseen === 1 ? "once" : `${unseen} times`}, and no step said it would`,
      {
        hint: "Look at the console recording for a panic or a watchdog; if the reboot is meant, say `reboot: { by-itself: true }`.",
      },
    );
  }
}

/** Powers the machine on if no step has yet. Throws HarnessError when a step has turned it off: the suite then lacks a `boot`. */
export async function needRunning(context: VerbContext, verb: string): Promise<void> {
  if (context.machine.boots.length === 0) await bootAsSeen(context, "ready");
  if (context.machine.phase !== "off") return;
  throw new HarnessError("OSB_SUITE_OFF", `the machine is off, and \`${verb}\` needs a running one`, {
    hint: "Put `- boot:` before this step.",
  });
}

/** Boots a machine that is off and accounts for it. */
export async function bootAsSeen(context: VerbContext, until: Phase, timeoutMs?: number): Promise<Boot> {
  const boot = await context.machine.boot(until, waiting(context, timeoutMs));
  accountForBoots(context);
  return boot;
}

export function waiting(context: VerbContext, timeoutMs?: number): { signal: AbortSignal; timeoutMs?: number } {
  return { signal: context.signal, ...(timeoutMs === undefined ? {} : { timeoutMs }) };
}
