import { z } from "zod";
import { whenSound } from "./refine.ts";
import { capabilityNames } from "../machine/capabilities.ts";
import { imageCapabilityNames } from "../os/capabilities.ts";
import { systemCapabilityNames } from "../os/probes.ts";
import { clocks, starts } from "./start.ts";
import { verbs } from "./verbs/index.ts";
import { momentName } from "./verbs/moment.ts";

/** Names `requires` may use: what a running machine can be asked for, and what follows from the image's manifest. */
export const requirable = [...new Set([...capabilityNames, ...imageCapabilityNames, ...systemCapabilityNames])].toSorted() as [
  string,
  ...string[],
];

const requires = z
  .array(z.enum(requirable))
  .default([])
  .describe(
    "Capabilities of the image and the target without which nothing is claimed: the outcome is then `not-applicable`, with the reason",
  );

const step = z
  .strictObject(Object.fromEntries(Object.values(verbs).map((verb) => [verb.name, describe(verb.schema, verb.summary).optional()])))
  .refine((verbsOfStep) => Object.keys(verbsOfStep).length === 1, whenSound("a step has exactly one verb"))
  .meta({ description: "One step: a verb and what it is told", minProperties: 1, maxProperties: 1 });

function describe(schema: z.ZodType, summary: string): z.ZodType {
  return schema.describe(summary);
}

const start = z
  .enum(starts)
  .optional()
  .describe(
    "How the machine is given: `booted`, which may be a fork of one that booted before, or `off`. By default `booted` where the first step needs a running machine, and `off` where it is about the boot",
  );

const clock = z
  .enum(clocks)
  .optional()
  .describe(
    "What the guest of a forked machine takes the time for: `saved` (the default), what it was when the moment was saved, so that nothing in it sees time jump; or `now`",
  );

const test = z.strictObject({
  test: z.string().min(1).describe("The claim, as a sentence about the image: it becomes the test's name in the matrix"),
  requires,
  start: z
    .union([z.enum(starts), momentName])
    .optional()
    .describe("As at the top of the suite; or the name of a `moment` an earlier test makes: the machine is then given as it stood there"),
  clock,
  steps: z.array(step).min(1).describe("What is done and claimed, in order; the first step that fails ends the test"),
});

/** A suite document. */
export const suiteDocument = z.strictObject({
  suite: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]*$/, "is not a name: lower-case letters, digits and -")
    .describe("Name of the suite"),
  title: z.string().optional().describe("What the suite claims, in one sentence"),
  requires,
  machine: z
    .enum(["fresh", "shared"])
    .default("fresh")
    .describe(
      "`fresh`: every test gets a machine of its own. `shared`: the tests run in order on one machine; when one does not pass, the ones after it do not run",
    ),
  start,
  clock,
  tests: z.array(test).min(1).describe("The claims"),
});

export type SuiteDocument = z.output<typeof suiteDocument>;
