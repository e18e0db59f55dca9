import { z } from "zod";
import { whenSound } from "../refine.ts";
import { ClaimFailed, HarnessError } from "../../model/errors.ts";
import { defineVerb } from "../verb.ts";
import { nameVersion, resolveVersion, versionWord } from "../versions.ts";

const folder = z.string().startsWith("/").describe("A folder on the file system meant");

export const fault = defineVerb({
  name: "fault",
  summary: "Breaks something on purpose, so that later steps can claim how the system bears it.",
  schema: z
    .strictObject({
      fill: folder.optional().describe("Fills the file system of this folder to its last block"),
      free: folder.optional().describe("Takes back what `fill` did there"),
      clock: z
        .string()
        .regex(/^[+-]\d+ (second|minute|hour|day|year)s?$/, "is not a step of time; write it as -1 day or +10 years")
        .optional()
        .describe("Sets the clock forward or back"),
      "spoil-entry": versionWord.optional().describe("Overwrites the boot entry of a version on the ESP with zeros, keeping its size"),
    })
    .refine((args) => Object.keys(args).length === 1, whenSound("names exactly one fault")),
  async run(context, args) {
    const break_ = async (doing: string, script: string) => {
      const result = await context.machine.run(script, { signal: context.signal, timeoutMs: 120_000 });
      if (result.code !== 0)
        throw new HarnessError("OSB_FAULT", `${doing} ended with exit code ${result.code}`, { evidence: { stderr: result.stderr } });
    };
    if (args.fill !== undefined) {
      const file = `${args.fill}/.osbench-fill`;
      await break_(
        `filling ${args.fill}`,
        `cat /dev/zero >'${file}' 2>/dev/null; sync; [ "$(df --output=avail '${args.fill}' | tail -n1)" -le 64 ]`,
      );
    }
    if (args.free !== undefined) await break_(`freeing ${args.free}`, `rm '${args.free}/.osbench-fill' && sync`);
    if (args.clock !== undefined) await break_(`setting the clock by ${args.clock}`, `date -s '${args.clock}' >/dev/null`);
    if (args["spoil-entry"] !== undefined) {
      const word = args["spoil-entry"];
      const version = resolveVersion(context.machine.image, word);
      const entry = (await context.os.entries()).find((candidate) => candidate.version === version);
      if (!entry)
        throw new ClaimFailed("OSB_FAULT_ENTRY", `version ${nameVersion(context.machine.image, word)} has no boot entry to spoil`);
      const file = `"$(bootctl --print-boot-path)/EFI/Linux/${entry.name}"`;
      await break_(`spoiling ${entry.name}`, `size=$(stat -c %s ${file}) && head -c "$size" /dev/zero >${file} && sync`);
    }
  },
});
