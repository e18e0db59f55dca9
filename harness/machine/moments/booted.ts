import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { join } from "node:path";
import type { WorkerContext } from "../../model/context.ts";
import { HarnessError, OsbenchError } from "../../model/errors.ts";
import { withLock } from "../../host/lock.ts";
import { spokenProgram } from "../../shell/raw-engine.ts";
import type { OpenOptions } from "../assemble.ts";
import type { ForkOptions, Machine } from "../machine.ts";
import { openMachine } from "../open.ts";
import { kinds } from "../stand.ts";
import { SavedMachine } from "./moment.ts";
import { makeRoom } from "./room.ts";
import { discard, markSafe, take, type Lease, type Shelved } from "./shelf.ts";

/** What every image's first moment is called: its boot is over, nobody has done anything yet. */
export const bootedName = "booted";

export interface BootedOptions extends OpenOptions {
  /** It may be saved, once more if it is kept as the moment `booted` itself. */
  readonly savable?: boolean;
  /** Why its test does not get a later moment: for the record. */
  readonly why?: string | undefined;
  /** As in ForkOptions. */
  readonly clock?: ForkOptions["clock"];
}

/** Beside its memory: disks as far as the boot wrote them, variables, devices. */
const besidesMemoryBytes = 512 * 2 ** 20;

/**
 * A machine whose boot is nothing anybody claims something about: forked, ready, from the moment an earlier boot left in the cache; or else switched
 * off, and its first boot to `ready` is kept for those who come later. Where none can be forked or kept the machine says why in its record.
 */
export async function openBooted(context: WorkerContext, wish: BootedOptions): Promise<Machine> {
  const { savable = false, why: reason, clock: _, ...options } = wish;
  const digest = context.fresh ? undefined : await bootedDigest(context, options.version);
  if (digest === undefined) return await openMachine(context, { ...options, why: reason ?? whyNever(context) });
  const first = await forkOf(context, wish, digest);
  if ("machine" in first) return first.machine;
  let kept = false;
  const turn = await Turn.take(digest, options.signal);
  // Whoever had the turn before may have left what is wanted.
  const second = turn.waited ? await forkOf(context, wish, digest) : first;
  if ("machine" in second) {
    turn.over();
    return second.machine;
  }
  try {
    const noRoom = await roomForMoment(context);
    const why = joined(reason, second.why, noRoom);
    if (noRoom !== undefined) turn.over();
    return await openMachine(context, {
      ...options,
      ...(why !== undefined && { why }),
      ...(noRoom === undefined && { savable: true, digest, booted: keepBoot }),
      closed: () => turn.over(),
    });
  } catch (error) {
    turn.over();
    throw error;
  }

  /** That it cannot be kept is no reason to stop. Only the first boot is nobody's. */
  async function keepBoot(machine: Machine): Promise<void> {
    if (kept) return;
    kept = true;
    try {
      const moment = await machine.save(bootedName, { again: savable });
      void secure((moment as SavedMachine).shelved);
      await moment[Symbol.asyncDispose]();
    } catch (error) {
      if (!(error instanceof OsbenchError) || machine.phase !== "ready") throw error;
    } finally {
      turn.over();
    }
  }
}

/** Of all that decides what a machine's boot comes to; undefined where machines cannot be saved. */
export async function bootedDigest(context: WorkerContext, version: string | undefined): Promise<string | undefined> {
  const identity = await kinds[context.target.kind].identity?.(context, version);
  if (identity === undefined) return undefined;
  const { image } = context;
  // The agent that waits in it must be one this osbench speaks with.
  const all = { moment: bootedName, image: image.digest, access: image.manifest.access, identity, agent: await spokenProgram() };
  return createHash("sha256").update(JSON.stringify(all)).digest("hex");
}

/** Makes room for one more moment of such a machine; resolves with why there is none, undefined if there is. */
export async function roomForMoment({ image, target }: WorkerContext): Promise<string | undefined> {
  return await makeRoom((target.memory ?? image.manifest.memory) * 2 ** 20 + besidesMemoryBytes);
}

function joined(...reasons: readonly (string | undefined)[]): string | undefined {
  return reasons.filter((one) => one !== undefined).join("; ") || undefined;
}

function whyNever({ fresh, target }: WorkerContext): string {
  return fresh ? "the run was asked to boot every machine afresh" : `a machine of target ${target.target} cannot be saved`;
}

async function forkOf(
  context: WorkerContext,
  { savable, why, clock = "saved", ...options }: BootedOptions,
  digest: string,
): Promise<{ readonly machine: Machine } | { readonly why: string | undefined }> {
  const found = await take(digest);
  if (!found) return { why: undefined };
  const moment = new SavedMachine(context, options, found, found);
  try {
    return { machine: await moment.fork({ cell: options.cell, ...(savable && { savable }), why, clock }) };
  } catch (error) {
    if (!(error instanceof HarnessError) || error.code !== "OSB_MOMENT") throw error;
    await found.release();
    await discard(found.folder);
    return { why: `${error.message}; it was thrown away` };
  } finally {
    await moment[Symbol.asyncDispose]();
  }
}

/** Writes a moment through to the disk while others go on: until that is done it does not outlast the host's own boot. */
async function secure({ folder, facts }: Shelved & Partial<Lease>): Promise<void> {
  try {
    for (const { path } of [...facts.files, { path: join(folder, "moment.json") }]) {
      if (!path.startsWith(folder)) continue;
      const file = await open(path);
      await file.sync().finally(() => file.close());
    }
    await markSafe(folder);
  } catch {
    // It is gone, or the disk refuses: the moment lasts as long as the host runs.
  }
}

/** One process at a time makes a moment; the others wait for it instead of booting the same. */
class Turn {
  readonly waited: boolean;
  readonly over: () => void;

  private constructor(waited: boolean, over: () => void) {
    this.waited = waited;
    this.over = over;
  }

  static async take(digest: string, signal: AbortSignal): Promise<Turn> {
    let waited = false;
    return await new Promise((resolve, reject) => {
      const work = () => new Promise<void>((over) => resolve(new Turn(waited, over)));
      const progress = () => (waited = true);
      withLock(`moment-${digest.slice(0, 32)}`, "booting a machine to be forked", { signal, progress }, work).catch(reject);
    });
  }
}
