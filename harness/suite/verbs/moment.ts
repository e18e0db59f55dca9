import { z } from "zod";
import { defineVerb } from "../verb.ts";
import { waiting } from "../seen-boots.ts";

/** What a suite may call a moment of its own. */
export const momentName = z.string().regex(/^[a-z0-9][a-z0-9-]*$/, "is not a name: lower-case letters, digits and -");

export const moment = defineVerb({
  name: "moment",
  summary: "Keeps the machine as it stands, under a name: tests after this one start from there by `start:`, each on a machine of its own.",
  schema: momentName,
  async run(context, name) {
    // Only one that waits for a command can be kept so that its forks do.
    if (context.machine.phase !== "ready") await context.machine.boot("ready", waiting(context));
    await context.keep(name);
  },
});
