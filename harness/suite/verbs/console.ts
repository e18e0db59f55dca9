import { z } from "zod";
import { whenSound } from "../refine.ts";
import { duration } from "../duration.ts";
import { waiting } from "../seen-boots.ts";
import { defineVerb } from "../verb.ts";

const expect = z
  .string()
  .min(1)
  .describe("Text the serial line must say from now on, or since the machine was powered on with `since: power-on`");

export const console = defineVerb({
  name: "console",
  summary: "Types into the serial line, then waits until it says something.",
  schema: z.union([
    z
      .strictObject({
        type: z.string().optional().describe("Typed first; end it with \\r for Enter"),
        expect: expect.optional(),
        matches: z.string().optional().describe("Like `expect`, as a JavaScript regular expression"),
        since: z.enum(["now", "power-on"]).default("now").describe("From where on what is said counts"),
        timeout: duration.optional(),
      })
      .refine(
        (args) => args.type !== undefined || args.expect !== undefined || args.matches !== undefined,
        whenSound("needs `type`, `expect` or `matches`"),
      ),
    expect,
  ]),
  needs: "any",
  async run(context, args) {
    const wanted = typeof args === "string" ? { expect: args, since: "now" as const } : args;
    const from = wanted.since === "power-on" ? 0 : context.machine.console.mark();
    if ("type" in wanted && wanted.type !== undefined) await context.machine.console.type(wanted.type);
    const patterns = [
      wanted.expect === undefined ? undefined : escapePattern(wanted.expect),
      "matches" in wanted ? wanted.matches : undefined,
    ];
    const timeout = "timeout" in wanted ? wanted.timeout : undefined;
    for (const pattern of patterns) {
      if (pattern !== undefined) await context.machine.console.expect(new RegExp(pattern, "m"), { from, ...waiting(context, timeout) });
    }
  },
});

function escapePattern(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
