import { z } from "zod";
import { ClaimFailed, HarnessError, NotApplicable, OsbenchError } from "../../model/errors.ts";
import { readStatus, type StatusEntry } from "../boot-menu.ts";
import { defineVerb, type VerbContext } from "../verb.ts";
import { nameVersion, resolveVersion, versionWord } from "../versions.ts";

const prompt = /Press any key to continue/;
/** Firmware under emulation on a busy host writes some ten lines a second. */
const pageTimeoutMs = 120_000;
/** A key that came before the menu was there is lost, and is typed again; one too many turns a page, which is read all the same. */
const attempts = { count: 12, eachMs: 10_000 };

export const menu = defineVerb({
  name: "menu",
  summary:
    "Reads systemd-boot's status in its menu, held on the serial line (`bootctl set-timeout menu-force`), claims what it counts, and starts what it has chosen.",
  schema: z.strictObject({
    tries: z
      .record(versionWord, z.string().regex(/^\d+-\d+$/, "is not a counter; write LEFT-DONE, as 3-0"))
      .describe("The counter of a version's entry before this start, by version"),
  }),
  needs: "any",
  async run(context, { tries }) {
    const line = context.machine.console;
    const from = line.mark();
    await openStatus(context);
    const entries = await readPages(context, from);
    for (const [word, claimed] of Object.entries(tries)) {
      const version = resolveVersion(context.machine.image, word);
      const seen = entries.find((entry) => entry.version === version);
      if (!seen) throw new ClaimFailed("OSB_MENU", `the boot menu has no entry of version ${nameVersion(context.machine.image, word)}`);
      if (seen.tries !== claimed) {
        const what = `the boot menu's counter of version ${nameVersion(context.machine.image, word)} is ${seen.tries ?? "none"}, claimed is ${claimed}`;
        throw new ClaimFailed("OSB_MENU", what, { evidence: { entries: JSON.stringify(entries, null, 2) } });
      }
    }
    await line.type("\r");
  },
});

async function openStatus({ machine, signal }: VerbContext): Promise<void> {
  for (let attempt = 1; attempt <= attempts.count && machine.phase === "loader"; attempt++) {
    const from = machine.console.mark();
    await machine.console.type("P");
    try {
      await machine.console.expect(prompt, { from, signal, timeoutMs: attempts.eachMs });
      return;
    } catch (error) {
      if (!(error instanceof OsbenchError) || error.code !== "OSB_CONSOLE") throw error;
    }
  }
  throw new NotApplicable("boot-menu", "no systemd-boot menu that shows its status was held on the serial line");
}

/** Turns the pages, one for each entry and some before them, and comes back to the menu. Throws HarnessError when that gets stuck. */
async function readPages({ machine, signal }: VerbContext, start: number): Promise<readonly StatusEntry[]> {
  const turn = async (pattern: RegExp, from: number) => {
    await machine.console.type(" ");
    await machine.console.expect(pattern, { from, signal, timeoutMs: pageTimeoutMs });
  };
  try {
    for (;;) {
      const { entries, total } = readStatus(machine.console.text(start));
      const [first] = entries;
      if (!first || entries.length !== total) {
        await turn(prompt, machine.console.mark());
        continue;
      }
      // After the last page comes the menu, which shows the titles.
      const title = first.title.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
      await turn(new RegExp(`boot entry: ${total}/${total}[^]*${prompt.source}[^]*${title}`), start);
      return entries;
    }
  } catch (error) {
    if (!(error instanceof OsbenchError) || error.code !== "OSB_CONSOLE") throw error;
    throw new HarnessError("OSB_MENU_READ", `reading the boot menu's status: ${error.message}`, { evidence: error.evidence });
  }
}
