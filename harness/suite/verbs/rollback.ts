import { z } from "zod";
import { versionWord, resolveVersion } from "../versions.ts";
import { defineVerb } from "../verb.ts";

export const rollback = defineVerb({
  name: "rollback",
  summary: "Goes back to a version by hand, in the way the image's family has for it; takes effect with the next reboot.",
  schema: z.union([z.strictObject({ to: versionWord }), versionWord]),
  async run(context, args) {
    await context.os.rollback(resolveVersion(context.machine.image, typeof args === "string" ? args : args.to));
  },
});
