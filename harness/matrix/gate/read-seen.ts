import { stat } from "node:fs/promises";
import type { MatrixCell } from "../document.ts";
import { readMatrixFile } from "../matrix-file.ts";
import { collect } from "../site/collect.ts";
import { runHeads } from "../site/run-head.ts";
import { Spill } from "../site/spill.ts";
import { seenIn } from "./seen-runs.ts";
import { SeenStore } from "./seen-store.ts";
import type { Seen, SeenCell } from "./seen.ts";

/** What was read, until it is closed. */
export interface OpenSeen extends Seen {
  readonly close: () => void;
}

/**
 * Reads outcomes from run directories, or from a published `matrix.json`, and puts them by on disk. Throws InputError for what is neither, naming each.
 * Must be closed.
 */
export async function readSeen(paths: readonly string[]): Promise<OpenSeen> {
  const published: string[] = [];
  const folders: string[] = [];
  for (const given of paths) ((await isMatrix(given)) ? published : folders).push(given);
  const spill = new Spill("gate");
  try {
    const recorded = folders.length > 0 ? seenIn(await collect(await runHeads(folders), spill), spill) : undefined;
    if (recorded && published.length === 0) return opened(recorded, spill);
    const together = new Spill("gate");
    try {
      const store = new SeenStore(together);
      for (const cell of recorded?.cells() ?? []) store.add(cell);
      const damage = [...(recorded?.damage ?? [])];
      for (const file of published) {
        const { problems } = await readMatrixFile(file, (cell) => store.add(cellOfMatrix(cell)));
        damage.push(...problems.map(({ at, what }) => `${at}: ${what}`));
      }
      return opened(store.seen(damage), together);
    } catch (error) {
      together.close();
      throw error;
    } finally {
      spill.close();
    }
  } catch (error) {
    spill.close();
    throw error;
  }
}

function opened(seen: Seen, spill: Spill): OpenSeen {
  return { cells: () => seen.cells(), find: (name) => seen.find(name), damage: seen.damage, close: () => spill.close() };
}

async function isMatrix(given: string): Promise<boolean> {
  return stat(given).then(
    (found) => found.isFile(),
    () => false,
  );
}

function cellOfMatrix({
  image,
  target,
  suite,
  test,
  outcome,
  started,
  version = "",
  digest,
  suiteDigest,
  failure,
  reason,
  history,
}: MatrixCell): SeenCell {
  const newest = { outcome, started, version, digest, suiteDigest, message: (failure?.message ?? reason)?.split("\n")[0] };
  const older = history.map((past) => ({
    ...past,
    version: past.version ?? "",
    digest: past.digest,
    suiteDigest: undefined,
    message: past.message,
  }));
  return { image, target, suite, test, seen: [newest, ...older] };
}
