import { stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import type { WorkerContext } from "../../model/context.ts";
import { HarnessError, NotApplicable } from "../../model/errors.ts";
import type { Hardware, SavedHardware } from "../../model/hardware.ts";
import type { OpenOptions } from "../assemble.ts";
import type { Moment, SaveOptions } from "../machine.ts";
import type { GuestStanding, Keeper as KeeperOfMachine } from "../parts.ts";
import type { MomentFacts } from "./facts.ts";
import { bootOfHost, discard, leaseOf, newFolder, publish, shelfFolder, type Lease, type Shelved } from "./shelf.ts";

interface Kept {
  readonly privateKey: string;
  /** Folder of what outlasts the machine's power, if it may be saved. */
  readonly storage: string | undefined;
  /** What the first moment is published under; undefined for one that is the machine's owner's alone. */
  readonly digest?: string | undefined;
  /** Makes a moment of what was saved, with the right to use it and those below it. */
  readonly make: (saved: Shelved, lease: Lease, below: readonly Lease[]) => Moment;
}

/** Keeps the folder a machine's lasting parts lie in, and makes a moment of it when the machine is saved. */
export class Keeper implements KeeperOfMachine {
  readonly #context: WorkerContext;
  readonly #options: OpenOptions;
  readonly #privateKey: string;
  readonly #make: Kept["make"];
  #digest: string | undefined;
  readonly #leases: Lease[] = [];
  readonly #closing: (() => Promise<void>)[] = [];
  /** What the next moment will lie in. */
  #storage: string | undefined;

  constructor(context: WorkerContext, options: OpenOptions, { privateKey, storage, digest, make }: Kept) {
    this.#context = context;
    this.#options = options;
    this.#privateKey = privateKey;
    this.#storage = storage;
    this.#digest = digest;
    this.#make = make;
  }

  /** Runs when the machine is no more. */
  atClose(release: () => Promise<void>): void {
    this.#closing.push(release);
  }

  async save(
    name: string,
    { hardware, guest }: { readonly hardware: Hardware; readonly guest: GuestStanding },
    { again = false }: SaveOptions = {},
  ): Promise<Moment> {
    const { image, target } = this.#context;
    if (!hardware.save) throw new NotApplicable("fork", "this hardware cannot be saved");
    const next = again ? await newFolder("machine") : undefined;
    let saved: SavedHardware;
    try {
      saved = await hardware.save(next, this.#options.signal);
    } catch (error) {
      if (next !== undefined) await discard(next);
      throw error;
    }
    this.#storage = next;
    const digest = this.#digest;
    this.#digest = undefined;
    const facts: MomentFacts = {
      schema: 1,
      name,
      ...(digest !== undefined && { digest }),
      saved: new Date().toISOString(),
      image: image.name,
      target: target.target,
      memoryMiB: target.memory ?? image.manifest.memory,
      hostBoot: await bootOfHost(),
      privateKey: this.#privateKey,
      guest: {
        ...guest,
        boots: guest.boots.map(({ number, id }) => ({ number, ...(id !== undefined && { id }) })),
      } as MomentFacts["guest"],
      spec: saved.spec,
      files: await Promise.all(saved.files.map(fileFacts)),
    };
    await publish(saved.folder, facts);
    // The machine goes on over the moment's files.
    const [own, lease] = [await leaseOf(saved.folder), await leaseOf(saved.folder)];
    if (!own || !lease) throw new HarnessError("OSB_MOMENT", `the moment ${basename(saved.folder)} was taken away while it was being made`);
    this.#leases.push(own);
    return this.#make({ folder: saved.folder, facts }, lease, await leasesBelow(saved.folder, saved.files));
  }

  async close(): Promise<void> {
    for (const lease of this.#leases) await lease.release();
    if (this.#storage !== undefined) await discard(this.#storage);
    for (const release of this.#closing) await release();
  }
}

/** A fork's disks build on those of the moment it comes from: as long as what was saved of it lasts, so must they. */
async function leasesBelow(folder: string, files: readonly string[]): Promise<Lease[]> {
  const folders = new Set(files.map(dirname).filter((one) => one !== folder && dirname(one) === shelfFolder()));
  const leases = await Promise.all([...folders].map(leaseOf));
  return leases.filter((lease) => lease !== undefined);
}

async function fileFacts(path: string): Promise<MomentFacts["files"][number]> {
  const { size, mtimeMs } = await stat(path);
  return { path, bytes: size, mtimeMs };
}
