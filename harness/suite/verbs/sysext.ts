import { z } from "zod";
import { whenSound } from "../refine.ts";
import { ClaimFailed } from "../../model/errors.ts";
import { extensionKinds, extensionStatus } from "../../os/extensions.ts";
import { claimAbsent, claimMerged, claimPresent, claimReadOnly, extensionWord, selectExtensions } from "../extension-claims.ts";
import { putExtension } from "../put-extension.ts";
import { defineVerb } from "../verb.ts";

const actions = ["merge", "unmerge", "refresh"] as const;

export const sysext = defineVerb({
  name: "sysext",
  summary:
    "Installs system or configuration extensions, merges them, and claims what that did from the status JSON and the files themselves.",
  schema: z.union([
    z
      .strictObject({
        kind: z.enum(["sysext", "confext"]).default("sysext").describe("`sysext` extends /usr and /opt, `confext` extends /etc"),
        install: extensionWord.optional().describe("First puts these into the folder the tool searches"),
        renew: extensionWord.optional().describe("First puts the next build of these in place of the first"),
        remove: extensionWord.optional().describe("First removes these from that folder"),
        action: z.enum(actions).optional().describe("Then runs the tool; its exit code is not believed"),
        expect: z.enum(["changed", "unchanged"]).optional().describe("Whether the action must change what is merged"),
        merged: z.array(extensionWord).optional().describe("Exactly these must be merged; `[]` for none"),
        present: extensionWord.optional().describe("The files these bring must exist with their content"),
        renewed: extensionWord.optional().describe("The files these bring must hold what their next build brings"),
        absent: extensionWord.optional().describe("The files these bring must not exist"),
        "read-only": z.literal(true).optional().describe("Writing below the extended hierarchies must fail"),
        noexec: z.literal(true).optional().describe("The extended hierarchies must be mounted noexec"),
      })
      .refine((args) => Object.keys(args).length > 1, whenSound("does and claims nothing")),
    z.enum(actions),
  ]),
  async run(context, args) {
    const wanted = typeof args === "string" ? { kind: "sysext" as const, action: args } : args;
    const { machine } = context;
    const { tool, folder, hierarchies } = extensionKinds[wanted.kind];
    const version = await context.os.version();
    const select = (word: string) => selectExtensions(machine.image, wanted.kind, word, version);
    const put = async (file: string, name: string) =>
      putExtension(machine, context.tools, `${machine.image.folder}/${file}`, `${folder}/${name}`);
    const has = <K extends string>(key: K) => (key in wanted ? (wanted as Record<K, string>)[key] : undefined);

    for (const extension of has("install") === undefined ? [] : select(has("install")!)) {
      await machine.run(`mkdir -p ${folder}`);
      await put(extension.file, extension.name);
    }
    for (const { name, next } of has("renew") === undefined ? [] : select(has("renew")!)) if (next) await put(next.file, name);
    for (const extension of has("remove") === undefined ? [] : select(has("remove")!)) {
      await machine.run(`rm -rf '${folder}/${extension.name}.raw' '${folder}/${extension.name}'`);
    }
    if (wanted.action !== undefined) {
      const before = JSON.stringify(await extensionStatus(machine, wanted.kind));
      const result = await machine.run(`${tool} ${wanted.action}`, { signal: context.signal, timeoutMs: 60_000 });
      const after = JSON.stringify(await extensionStatus(machine, wanted.kind));
      if ("expect" in wanted && wanted.expect !== undefined && (before !== after) !== (wanted.expect === "changed")) {
        throw new ClaimFailed(
          "OSB_SYSEXT_STATUS",
          `${tool} ${wanted.action}: what is merged is ${before === after ? "unchanged" : "changed"}, claimed is ${wanted.expect}`,
          {
            evidence: { before, after, stdout: result.stdout, stderr: result.stderr },
          },
        );
      }
    }
    if ("merged" in wanted && wanted.merged !== undefined) await claimMerged(machine, wanted.kind, wanted.merged.flatMap(select));
    if (has("present") !== undefined) await claimPresent(machine, select(has("present")!));
    if (has("renewed") !== undefined) await claimPresent(machine, select(has("renewed")!), "next");
    if (has("absent") !== undefined) await claimAbsent(machine, select(has("absent")!));
    if ("read-only" in wanted && wanted["read-only"]) await claimReadOnly(machine, hierarchies);
    if ("noexec" in wanted && wanted.noexec) {
      for (const hierarchy of hierarchies) {
        const options = (await machine.run(`findmnt -no OPTIONS --mountpoint ${hierarchy}`)).stdout.trim();
        if (!options.split(",").includes("noexec"))
          throw new ClaimFailed("OSB_SYSEXT_EXEC", `${hierarchy} is mounted ${options || "not at all"}, claimed is noexec`);
      }
    }
  },
});
