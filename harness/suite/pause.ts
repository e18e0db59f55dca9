import { basename } from "node:path";
import { sshCommand, type PauseEnd } from "../machine/attach/attachment.ts";
import { Bus } from "../machine/bus.ts";
import type { CellMeta } from "../model/meta.ts";
import type { Cell } from "./cell.ts";

const words: Readonly<Record<PauseEnd, string>> = {
  released: "it was told to",
  left: "the last person left the machine",
  time: "its time is up",
  ended: "the run is being ended",
};

/**
 * If the run asks for it, keeps the last machine of a test that failed until people are done with it. What the test left for its record is told
 * first, so that nothing they do is in it.
 */
export async function pauseOnFailure(cell: Cell, test: { readonly id: string; readonly began: number }, meta: CellMeta): Promise<void> {
  const attachment = cell.machines.at(-1)?.attachment;
  if (!attachment || cell.signal.aborted || !["fail", "error"].includes(meta.outcome)) return;
  const { pause, bus: address } = cell.context;
  if (!pause || meta.evidenceFolder === undefined) return;
  const { name, ssh } = await attachment.facts();
  const reason = `${meta.outcome}: ${(meta.failure?.message ?? meta.reason ?? "no reason was left").split("\n")[0]}`;
  const folder = basename(meta.evidenceFolder);
  const bus = new Bus(address, folder, folder);
  try {
    bus.tell({ type: "paused", test: test.id, began: test.began, meta, name, reason, ssh: ssh && sshCommand(ssh) });
    const ended = await attachment.pause(reason, { signal: cell.signal, forMs: pause.forMs });
    bus.tell({ type: "resumed", name, why: words[ended] });
  } finally {
    bus.close();
  }
}
