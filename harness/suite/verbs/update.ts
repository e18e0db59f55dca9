import { rm } from "node:fs/promises";
import { z } from "zod";
import { makeWorkspace } from "../../host/workspace.ts";
import { ClaimFailed } from "../../model/errors.ts";
import type { Damage } from "../../os/adapter.ts";
import { duration } from "../duration.ts";
import { defineVerb, type VerbContext } from "../verb.ts";
import { nameVersion, resolveVersion, versionWord } from "../versions.ts";

/** What is served, by the word a suite writes. */
const sources: Readonly<Record<string, Damage | undefined>> = {
  good: undefined,
  "damaged-root": "root",
  "damaged-uki": "uki",
  "damaged-sums": "sums",
  incomplete: "missing-root",
};

const source = z
  .enum(Object.keys(sources) as [string, ...string[]])
  .describe(
    "What is served: `good`; one bit wrong in the root file (`damaged-root`) or the UKI (`damaged-uki`); a wrong line in SHA256SUMS (`damaged-sums`); the root file missing (`incomplete`)",
  );

const expect = z
  .enum(["installed", "refused", "not-offered"])
  .describe(
    "`installed`: every part is in place afterwards; `refused`: the updater says so and installs nothing; `not-offered`: the updater does not even offer it",
  );

const naturally: Readonly<Record<string, z.output<typeof expect>>> = { good: "installed", incomplete: "not-offered" };

export const update = defineVerb({
  name: "update",
  summary: "Serves one version to the image's own updater, lets it install, and claims what came of it from the slots and the ESP.",
  schema: z.union([
    z.strictObject({
      to: versionWord,
      source: source.default("good"),
      expect: expect
        .optional()
        .describe("By default `installed` for a good source, `not-offered` for an incomplete one, `refused` for a damaged one"),
      timeout: duration.optional(),
    }),
    versionWord,
  ]),
  async run(context, args) {
    const { to, source: served, ...rest } = typeof args === "string" ? { to: args, source: "good" } : args;
    const expected = ("expect" in rest ? rest.expect : undefined) ?? naturally[served] ?? "refused";
    const version = resolveVersion(context.machine.image, to);
    const name = nameVersion(context.machine.image, to);
    await serve(context, [version], sources[served]);

    const offered = await context.os.available();
    if (expected === "not-offered") {
      if (offered !== undefined)
        throw new ClaimFailed(
          "OSB_UPDATE_OFFERED",
          `the updater offers version ${offered}, which is ${served}; claimed is that it does not`,
        );
      return;
    }
    // A damaged version must be offered, too: an updater that sees nothing has refused nothing.
    if (offered !== version) {
      throw new ClaimFailed(
        "OSB_UPDATE_NOT_OFFERED",
        `the updater offers ${offered === undefined ? "nothing" : `version ${offered}`}, claimed is version ${name}`,
      );
    }
    const result = await context.os.install(undefined, "timeout" in rest ? rest.timeout : undefined);
    const output = { stdout: result.stdout, stderr: result.stderr };
    const installed = await context.os.installed();
    if (expected === "refused") {
      const parts = [...(await context.os.slots()), ...(await context.os.entries())].filter((part) => part.version === version);
      if (parts.length > 0) {
        const where = parts
          .map((part) => ("label" in part ? `slot ${part.partition} (${part.label})` : `entry ${part.name}`))
          .join(" and ");
        throw new ClaimFailed("OSB_UPDATE_TAKEN", `version ${name} was served with ${served}, and stands installed in ${where}`, {
          evidence: output,
        });
      }
      if (result.code === 0)
        throw new ClaimFailed("OSB_UPDATE_SILENT", `version ${name} was served with ${served}, and the updater reports success`, {
          evidence: output,
        });
      return;
    }
    if (result.code !== 0)
      throw new ClaimFailed("OSB_UPDATE_FAILED", `installing version ${name}: the updater ended with exit code ${result.code}`, {
        evidence: output,
      });
    if (!installed.includes(version)) {
      const found = installed.join(", ") || "none";
      throw new ClaimFailed(
        "OSB_UPDATE_LOST",
        `the updater reports success, but version ${name} is not installed; complete on the disk are: ${found}`,
        { evidence: output },
      );
    }
  },
});

async function serve(context: VerbContext, versions: readonly string[], damage: Damage | undefined): Promise<void> {
  const folder = await makeWorkspace("update");
  context.defer(() => rm(folder, { recursive: true, force: true }));
  await context.machine.serveUpdates(await context.os.publish(folder, versions, damage));
}
