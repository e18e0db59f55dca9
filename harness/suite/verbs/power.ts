import { z } from "zod";
import { duration } from "../duration.ts";
import { accountForBoots, bootAsSeen, needRunning, noUnexpectedBoot, waiting } from "../seen-boots.ts";
import { defineVerb } from "../verb.ts";

const state = z
  .enum(["off", "on", "cut"])
  .describe("`off`: asked for inside, must go off in time; `cut`: the plug is pulled; `on`: boots to ready");

export const power = defineVerb({
  name: "power",
  summary: "Turns the machine off in an orderly way, cuts its power, or turns it on.",
  schema: z.union([z.strictObject({ state, timeout: duration.optional() }), state]),
  needs: "power",
  async run(context, args) {
    const { state: wanted, timeout } = typeof args === "string" ? { state: args, timeout: undefined } : args;
    if (wanted === "on") await bootAsSeen(context, "ready", timeout);
    else {
      await needRunning(context, "power");
      noUnexpectedBoot(context);
      if (wanted === "off") await context.machine.powerOff(waiting(context, timeout));
      else await context.machine.cutPower();
      accountForBoots(context);
    }
  },
});
