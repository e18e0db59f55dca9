import { z } from "zod";
import { whenSound } from "../refine.ts";
import { bootStates } from "../../os/adapter.ts";
import { duration } from "../duration.ts";
import { claims } from "../system-claims.ts";
import { defineVerb } from "../verb.ts";
import { versionWord } from "../versions.ts";

const orNone = z.union([versionWord, z.literal("none")]);

export const check = defineVerb({
  name: "check",
  summary: "Claims facts about the system: what runs, what is installed, what the boot loader counts, what failed.",
  schema: z
    .strictObject({
      version: versionWord.optional().describe("The version that runs, as its os-release says"),
      "running-slot": versionWord.optional().describe("The version whose slot the running system's /usr lies in, by the partition's label"),
      staged: orNone.optional().describe("The newest version installed but not running, or `none`"),
      installed: z.array(versionWord).optional().describe("Exactly the versions of which a slot and a boot entry are in place"),
      available: orNone.optional().describe("What the updater offers, or `none`"),
      "published-root": z.array(versionWord).optional().describe("Versions whose slot must hold exactly the bytes published"),
      "published-uki": z.array(versionWord).optional().describe("Versions whose boot entry must hold exactly the bytes published"),
      boot: z
        .enum(bootStates)
        .optional()
        .describe(
          "`good`: this boot was counted, then marked good; `counting`: counted, not marked, tries left; `bad`: counted, no tries left; `uncounted`: blessed in an earlier boot, or never armed",
        ),
      tries: z
        .record(versionWord, z.string().regex(/^(none|armed|\d+-\d+)$/, "is not a counter; write LEFT-DONE, as 3-0, or armed, or none"))
        .optional()
        .describe("The counter in the name of a version's boot entry, by version: `3-0`; `armed` (tries left, none used yet); or `none`"),
      entries: z.array(versionWord).optional().describe("Exactly the versions that have a boot entry on the ESP"),
      default: versionWord.optional().describe("The version whose entry the boot loader would start next"),
      state: z.string().optional().describe("What `systemctl is-system-running` says once the boot is over: `running`, `degraded` …"),
      "failed-units": z.array(z.string()).optional().describe("Exactly the units that failed; `[]` for none"),
      "previous-shutdown": z
        .literal("clean")
        .optional()
        .describe("The boot before this one was shut down in order, and its file systems needed no recovery"),
      timeout: duration.optional().describe("For waiting until the boot is over"),
    })
    .refine((args) => Object.keys(args).some((key) => key !== "timeout"), whenSound("claims nothing")),
  async run(context, { timeout, ...args }) {
    for (const [name, claim] of Object.entries(claims)) {
      const wanted = args[name as keyof typeof args];
      if (wanted !== undefined) await claim(context, wanted as never, timeout);
    }
  },
});
