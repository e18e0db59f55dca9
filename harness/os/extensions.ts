import { z } from "zod";
import { HarnessError } from "../model/errors.ts";
import type { Machine } from "../machine/machine.ts";
import type { ImageExtension } from "../model/image.ts";
import { ask, parseJson } from "./ask.ts";

export type ExtensionKind = ImageExtension["kind"];
export type ExtensionAction = "merge" | "unmerge" | "refresh";

/** Where images of a kind are put, which hierarchies they extend, and the tool that merges them. Source: systemd-sysext(8). */
export const extensionKinds: Readonly<
  Record<ExtensionKind, { readonly tool: string; readonly folder: string; readonly hierarchies: readonly string[] }>
> = {
  sysext: { tool: "systemd-sysext", folder: "/var/lib/extensions", hierarchies: ["/usr", "/opt"] },
  confext: { tool: "systemd-confext", folder: "/var/lib/confexts", hierarchies: ["/etc"] },
};

/** What is merged into one hierarchy. `since` is the tool's own time stamp of the merge, null when nothing is merged. */
export interface Hierarchy {
  readonly hierarchy: string;
  readonly extensions: readonly string[];
  readonly since: string | null;
}

const status = z.array(
  z.object({
    hierarchy: z.string(),
    extensions: z.union([z.array(z.string()), z.string()]),
    since: z.union([z.number(), z.string(), z.null()]).optional(),
  }),
);

/** Reads `systemd-sysext status --json=short`. `extensions` is an array, or the word `none`, or one name. */
export function parseExtensionStatus(text: string): readonly Hierarchy[] {
  const parsed = status.safeParse(parseJson("asking which extensions are merged", text));
  if (!parsed.success) {
    throw new HarnessError("OSB_OS_EXTENSIONS", "asking which extensions are merged: the answer has another shape than systemd documents", {
      cause: parsed.error,
      evidence: { answer: text },
    });
  }
  return parsed.data.map(({ hierarchy, extensions, since }) => {
    const names = typeof extensions === "string" ? [extensions] : extensions;
    return {
      hierarchy,
      extensions: names.filter((name) => name !== "none"),
      since: since === undefined || since === null ? null : String(since),
    };
  });
}

/** What is merged now, by hierarchy, as the tool's JSON says (its exit code does not: a refused extension ends in 0). */
export async function extensionStatus(machine: Machine, kind: ExtensionKind): Promise<readonly Hierarchy[]> {
  return parseExtensionStatus(await ask(machine, "asking which extensions are merged", `${extensionKinds[kind].tool} status --json=short`));
}
