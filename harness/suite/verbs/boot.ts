import { z } from "zod";
import { phases } from "../../model/phase.ts";
import { duration } from "../duration.ts";
import { bootAsSeen } from "../seen-boots.ts";
import { defineVerb } from "../verb.ts";

const until = z.enum(phases).exclude(["off", "shutdown", "crashed"]).describe("The station of the boot to wait for; by default `ready`");

export const boot = defineVerb({
  name: "boot",
  summary: "Powers the machine on and claims that it gets as far as said.",
  schema: z.strictObject({ until: until.default("ready"), timeout: duration.optional() }).nullable(),
  needs: "power",
  async run(context, args) {
    await bootAsSeen(context, args?.until ?? "ready", args?.timeout);
  },
});
