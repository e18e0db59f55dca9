import { z } from "zod";
import { factNames, facts, listFacts } from "../facts.ts";
import { defineVerb } from "../verb.ts";

export const remember = defineVerb({
  name: "remember",
  summary: "Remembers facts about the machine, for `compare` to claim that they stayed or changed.",
  schema: z.array(z.enum(factNames)).min(1).describe(`Facts: ${listFacts()}`),
  async run(context, names) {
    for (const name of names) context.memory.set(`fact ${name}`, await facts[name].read(context.os));
  },
});
