import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { whenSound } from "../refine.ts";
import { ClaimFailed, HarnessError } from "../../model/errors.ts";
import { factNames, facts, listFacts, type Fact } from "../facts.ts";
import { defineVerb } from "../verb.ts";

const list = z.array(z.enum(factNames)).default([]);

export const compare = defineVerb({
  name: "compare",
  summary: "Claims that facts remembered by `remember` are still the same, or have changed.",
  schema: z
    .strictObject({
      same: list.describe(`Facts that must not have changed: ${listFacts()}`),
      changed: list.describe("Facts that must have changed"),
    })
    .refine(({ same, changed }) => same.length + changed.length > 0, whenSound("names no fact; write `same: […]` or `changed: […]`")),
  async run(context, { same, changed }) {
    for (const [name, mustChange] of [...same.map((fact) => [fact, false] as const), ...changed.map((fact) => [fact, true] as const)]) {
      const before = recall(context.memory, name);
      const now = await facts[name].read(context.os);
      if (isDeepStrictEqual(before, now) !== mustChange) continue;
      throw new ClaimFailed("OSB_COMPARE", `${name} (${facts[name].what}) ${mustChange ? "did not change" : "changed"}`, {
        evidence: { before: JSON.stringify(before, null, 2), now: JSON.stringify(now, null, 2) },
      });
    }
  },
});

function recall(memory: ReadonlyMap<string, unknown>, name: Fact): unknown {
  const key = `fact ${name}`;
  if (memory.has(key)) return memory.get(key);
  throw new HarnessError("OSB_COMPARE_NOTHING", `the step compares ${name}, which no earlier step remembered`, {
    hint: `Put \`- remember: [${name}]\` before it, in this test or, on a shared machine, in an earlier one.`,
  });
}
