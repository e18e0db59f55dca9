import { z } from "zod";
import { whenSound } from "../refine.ts";
import { withFile } from "../../image/source.ts";
import { readPe } from "../../image/pe.ts";
import { ClaimFailed } from "../../model/errors.ts";
import { publishedFiles } from "../../os/publish.ts";
import { explainPcrs, isUnmeasured } from "../../tpm/explain.ts";
import type { PcrEvidence } from "../../tpm/explain.ts";
import { predictPcr11 } from "../../tpm/uki.ts";
import { claimPcrChanges } from "../pcr-changes.ts";
import { readEventLog, readMeasurements, readPcrs } from "../pcr-evidence.ts";
import { defineVerb } from "../verb.ts";
import { resolveVersion, versionWord } from "../versions.ts";

const number = z.number().int().min(0).max(23);

export const pcr = defineVerb({
  name: "pcr",
  summary: "Claims what the machine's TPM measured, in every active bank.",
  schema: z
    .strictObject({
      log: z.literal("present").optional().describe("The firmware left an event log with measurements in it"),
      "non-zero": z.array(number).optional().describe("PCRs something must have been measured into"),
      replay: z.literal("equal").optional().describe("The firmware's and userspace's event logs, replayed, give exactly the PCR values"),
      predicted: versionWord.optional().describe("PCR 11 must be the value computed from the bytes of this version's published UKI"),
      remember: z.literal(true).optional().describe("Remembers every PCR for a later `same` or `changed`; done after the claims"),
      changed: z.array(number).optional().describe("PCRs that must differ, in every bank, from what was remembered"),
      same: z
        .union([z.array(number), z.enum(["all", "others"])])
        .optional()
        .describe("PCRs that must not; `all`, or `others`: all that `changed` and `may-change` do not name"),
      "may-change": z
        .record(z.string().regex(/^\d+$/), z.string().min(10))
        .optional()
        .describe("PCRs about which nothing is claimed, each with the reason"),
    })
    .refine((args) => Object.keys(args).length > 0, whenSound("claims nothing")),
  async run(context, args) {
    // The last phase is measured at the end of the boot.
    await context.os.health();
    const machine = await readPcrs(context);
    if (args.log) {
      const log = await readEventLog(context);
      const measured = log.events.filter((event) => event.typeName !== "EV_NO_ACTION");
      if (measured.length === 0) throw new ClaimFailed("OSB_PCR_LOG", "the firmware's event log holds no measurement");
    }
    for (const wanted of args["non-zero"] ?? []) {
      for (const [bank, values] of Object.entries(machine)) {
        if (isUnmeasured(bank, wanted, values[wanted] ?? "")) {
          throw new ClaimFailed(
            "OSB_PCR_ZERO",
            `PCR ${wanted} (${bank}) is ${values[wanted] ?? "missing"}: nothing was ever measured into it`,
            {
              hint: "A policy bound to it protects nothing.",
            },
          );
        }
      }
    }
    if (args.replay) explain("its logs", { machine, ...(await logs(context)) });
    if (args.predicted !== undefined) {
      const { uki } = publishedFiles(context.machine.image, resolveVersion(context.machine.image, args.predicted));
      const predictions = await withFile(uki, (source) => {
        const { sections } = readPe(source);
        return Object.keys(machine).map((bank) => ({ bank, replay: predictPcr11(sections, bank) }));
      });
      const only = Object.fromEntries(Object.entries(machine).map(([bank, values]) => [bank, { 11: values[11] ?? "" }]));
      explain(`the UKI ${uki}`, { machine: only, ...(await logs(context)), predictions });
    }
    if (args.changed ?? args.same ?? args["may-change"]) {
      claimPcrChanges(context.memory.get("pcrs"), machine, {
        changed: args.changed ?? [],
        same: args.same ?? [],
        mayChange: Object.keys(args["may-change"] ?? {}).map(Number),
      });
    }
    if (args.remember) context.memory.set("pcrs", machine);

    async function logs(from: typeof context): Promise<Pick<PcrEvidence, "measurements" | "startupLocality">> {
      const { measurements, locality } = await readMeasurements(from);
      return { measurements, startupLocality: locality };
    }
  },
});

function explain(source: string, evidence: PcrEvidence): void {
  const { agrees, text, differences } = explainPcrs(evidence);
  if (agrees) return;
  const first = differences[0];
  const what = first ? `PCR ${first.pcr} (${first.bank}) does not agree with ${source}: ${first.reason}` : text;
  throw new ClaimFailed("OSB_PCR_DIFFERS", what, { evidence: { explanation: text } });
}
