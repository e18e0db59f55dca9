import { ClaimFailed } from "../model/errors.ts";
import { sha256File } from "../host/sha256.ts";
import { splitCounter, formatTries } from "../os/entries.ts";
import { publishedFiles } from "../os/publish.ts";
import type { BootState } from "../os/adapter.ts";
import { stat } from "node:fs/promises";
import { claimRunningVersion } from "./running-version.ts";
import { claimCleanShutdown } from "./shutdown-claim.ts";
import type { VerbContext } from "./verb.ts";
import { nameVersion, resolveVersion } from "./versions.ts";

type Claim<T> = (context: VerbContext, wanted: T, timeoutMs: number | undefined) => Promise<void>;

function differs(what: string, seen: string, claimed: string, evidence: Record<string, string> = {}): never {
  throw new ClaimFailed("OSB_CHECK", `${what} is ${seen}, claimed is ${claimed}`, { evidence });
}

function versionOrNone(context: VerbContext, word: string): { readonly version: string | undefined; readonly name: string } {
  if (word === "none") return { version: undefined, name: "none" };
  return { version: resolveVersion(context.machine.image, word), name: nameVersion(context.machine.image, word) };
}

function sameSet(context: VerbContext, what: string, seen: readonly (string | undefined)[], words: readonly string[]): void {
  const claimed = words.map((word) => resolveVersion(context.machine.image, word));
  const [a, b] = [seen.map((version) => version ?? "unknown"), claimed].map((list) => list.toSorted().join(", ") || "none");
  if (a !== b) differs(what, a!, b!);
}

const oneVersion =
  (what: string, read: (context: VerbContext) => Promise<string | undefined>): Claim<string> =>
  async (context, word) => {
    const seen = await read(context);
    const { version, name } = versionOrNone(context, word);
    if (seen !== version) differs(what, seen ?? "none", name);
  };

/** What `check` may claim, by key, in the order they are judged. */
export const claims: Readonly<Record<string, Claim<never>>> = {
  version: claimRunningVersion,

  "running-slot": oneVersion(
    "the version of the slot the system runs from",
    async ({ os }) => (await os.slots()).find(({ running }) => running)?.version,
  ),

  staged: oneVersion("the staged version", ({ os }) => os.staged()),

  installed: async (context, words: readonly string[]) =>
    sameSet(context, "the set of installed versions", await context.os.installed(), words),

  available: oneVersion("what the updater offers", ({ os }) => os.available()),

  "published-root": async (context, words: readonly string[]) => {
    for (const word of words) {
      const version = resolveVersion(context.machine.image, word);
      const slots = (await context.os.slots()).filter((slot) => slot.version === version);
      if (slots.length !== 1)
        differs(`the number of slots labelled with version ${nameVersion(context.machine.image, word)}`, String(slots.length), "1");
      const { root } = publishedFiles(context.machine.image, version);
      const [slot, published] = [slots[0]!, await sha256File(root)];
      const seen = await context.os.slotDigest(slot, (await stat(root)).size);
      if (seen !== published)
        differs(`the content of slot ${slot.partition} (${slot.label})`, `sha256 ${seen}`, `${published}, as published`);
    }
  },

  "published-uki": async (context, words: readonly string[]) => {
    for (const word of words) {
      const version = resolveVersion(context.machine.image, word);
      const entries = (await context.os.entries()).filter((entry) => entry.version === version);
      if (entries.length !== 1)
        differs(`the number of boot entries of version ${nameVersion(context.machine.image, word)}`, String(entries.length), "1");
      const published = await sha256File(publishedFiles(context.machine.image, version).uki);
      const seen = await context.os.entryDigest(entries[0]!);
      if (seen !== published) differs(`the content of boot entry ${entries[0]!.name}`, `sha256 ${seen}`, `${published}, as published`);
    }
  },

  boot: async (context, wanted: BootState) => {
    // The unit that marks a boot good runs at its very end; a version that never becomes good may not live to see that.
    if (wanted === "good") await context.os.health();
    const { state, countedPath, entry } = await context.os.assessment();
    if (state !== wanted) {
      const why = `the loader ${countedPath === undefined ? "counted nothing (no LoaderBootCountPath)" : `counted ${countedPath}`}, the entry is now ${entry?.name ?? "not on the ESP"}`;
      differs("the boot", `${state} (${why})`, wanted);
    }
  },

  tries: async (context, wanted: Readonly<Record<string, string>>) => {
    const entries = await context.os.entries();
    for (const [word, claimed] of Object.entries(wanted)) {
      const version = resolveVersion(context.machine.image, word);
      const found = entries.filter((entry) => entry.version === version);
      const seen = found.map(formatTries).join(" and ") || "on no entry";
      const armed = found.length === 1 && (found[0]!.triesLeft ?? 0) > 0 && found[0]!.triesDone === 0;
      if (claimed === "armed" ? !armed : seen !== claimed)
        differs(`the counter of version ${nameVersion(context.machine.image, word)}`, seen, claimed, {
          entries: entries.map(({ name }) => name).join("\n"),
        });
    }
  },

  entries: async (context, words: readonly string[]) => {
    const entries = await context.os.entries();
    sameSet(
      context,
      "the set of versions with a boot entry",
      entries.map(({ version }) => version),
      words,
    );
  },

  default: async (context, word: string) => {
    const [plain, entries] = [await context.os.defaultEntry(), await context.os.entries()];
    const seen = entries.find((entry) => splitCounter(entry.name).plain === plain)?.version;
    const { version, name } = versionOrNone(context, word);
    if (seen !== version) differs("the entry to boot next", `${plain ?? "none"} (version ${seen ?? "unknown"})`, `version ${name}`);
  },

  state: async (context, wanted: string, timeoutMs) => {
    const { state, failed } = await context.os.health(timeoutMs);
    if (state !== wanted)
      differs("the system state", state, wanted, { "failed units": failed.map(({ unit }) => unit).join("\n") || "none" });
  },

  "failed-units": async (context, wanted: readonly string[], timeoutMs) => {
    const { failed } = await context.os.health(timeoutMs);
    const [seen, claimed] = [failed.map(({ unit }) => unit), wanted].map((units) => units.toSorted().join(", ") || "none");
    if (seen === claimed) return;
    const status = await context.machine.run(
      `systemctl status --no-pager --lines=20 -- ${failed.map(({ unit }) => `'${unit}'`).join(" ")}`,
    );
    differs("the set of failed units", seen!, claimed!, { status: status.stdout });
  },

  "previous-shutdown": (context) => claimCleanShutdown(context),
};
