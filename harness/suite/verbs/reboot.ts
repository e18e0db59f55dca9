import { z } from "zod";
import { ClaimFailed } from "../../model/errors.ts";
import type { Boot, Phase } from "../../model/phase.ts";
import { duration } from "../duration.ts";
import { accountForBoots, needRunning, noUnexpectedBoot, seenBoots, waiting } from "../seen-boots.ts";
import { defineVerb, type VerbContext } from "../verb.ts";

const options = z.strictObject({
  "by-itself": z.boolean().default(false).describe("true: nothing is asked of the machine; it must reboot of its own accord"),
  until: z.enum(["loader", "userspace", "ready"]).default("ready").describe("The station of the new boot to wait for"),
  timeout: duration.optional(),
});

export const reboot = defineVerb({
  name: "reboot",
  summary: "Reboots in an orderly way and claims that the machine comes back as a new boot; or waits for a reboot it makes by itself.",
  schema: options.nullable(),
  needs: "power",
  async run(context, args) {
    const { "by-itself": alone, until, timeout } = args ?? options.parse({});
    await needRunning(context, "reboot");
    const seen = seenBoots(context);
    const before = context.machine.boots[seen - 1]?.id;
    const boot = alone ? await byItself(context, seen, until, timeout) : await orderly(context, seen, until, timeout);
    const made = context.machine.boots.length - seen;
    accountForBoots(context);
    if (made !== 1) throw restartedTooOften(made);
    // A boot that is not ready has no shell to ask, and the firmware having started again says enough.
    const id = boot.id ?? (until === "ready" ? await context.os.bootId() : undefined);
    if (id !== undefined && id === before) throw new ClaimFailed("OSB_REBOOT_SAME", `after the reboot the kernel still has boot id ${id}`);
  },
});

async function byItself(context: VerbContext, seen: number, until: Phase, timeoutMs: number | undefined): Promise<Boot> {
  const made = context.machine.boots.length - seen;
  if (made > 1) throw restartedTooOften(made);
  return context.machine.nextBoot(seen, until, waiting(context, timeoutMs));
}

async function orderly(context: VerbContext, seen: number, until: Phase, timeoutMs: number | undefined): Promise<Boot> {
  noUnexpectedBoot(context);
  if (until === "ready") return context.machine.reboot(waiting(context, timeoutMs));
  const asked = await context.machine.run("systemctl --no-block reboot || reboot", { signal: context.signal });
  if (asked.code !== 0) throw new ClaimFailed("OSB_REBOOT_REFUSED", `asking for a reboot ended with exit code ${asked.code}`);
  return context.machine.nextBoot(seen, until, waiting(context, timeoutMs));
}

function restartedTooOften(made: number): ClaimFailed {
  return new ClaimFailed("OSB_REBOOT_COUNT", `one reboot was claimed, the firmware started ${made} times`, {
    hint: "A boot before the last one failed; the console recording shows how far it came.",
  });
}
