import { z } from "zod";
import { ClaimFailed } from "../../model/errors.ts";
import { ways } from "../../model/shell.ts";
import { duration } from "../duration.ts";
import { claimText, textClaim } from "../text-claim.ts";
import { defineVerb } from "../verb.ts";

const command = z.string().min(1).describe("A POSIX sh script, run as root in the machine");

export const run = defineVerb({
  name: "run",
  summary: "Runs a command in the machine; exit code 0 is the claim unless another is said.",
  schema: z.union([
    z.strictObject({
      command,
      exit: z
        .union([z.number().int().min(0).max(255), z.literal("any"), z.literal("failure")])
        .default(0)
        .describe("The exit code it must end with; `failure`: any but 0; `any`: no claim"),
      stdout: textClaim.optional().describe("What standard output must be"),
      stderr: textClaim.optional().describe("What standard error must be"),
      via: z.enum(ways).optional().describe("The way into the machine; by default the best the image offers"),
      timeout: duration.optional(),
    }),
    command,
  ]),
  async run(context, args) {
    const wanted = typeof args === "string" ? { command: args, exit: 0 as const } : args;
    const shell = await context.machine.shell("via" in wanted ? wanted.via : undefined);
    const timeout = "timeout" in wanted ? wanted.timeout : undefined;
    const result = await shell.run(wanted.command, { signal: context.signal, timeoutMs: timeout ?? 60_000 });
    const exitHolds = wanted.exit === "any" || (wanted.exit === "failure" ? result.code !== 0 : result.code === wanted.exit);
    if (!exitHolds) {
      throw new ClaimFailed(
        "OSB_RUN_EXIT",
        `exit code ${result.code}, claimed is ${wanted.exit === "failure" ? "any but 0" : wanted.exit}`,
      );
    }
    if ("stdout" in wanted && wanted.stdout !== undefined) claimText("stdout", result.stdout, wanted.stdout);
    if ("stderr" in wanted && wanted.stderr !== undefined) claimText("stderr", result.stderr, wanted.stderr);
  },
});
