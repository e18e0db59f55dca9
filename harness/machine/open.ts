import type { WorkerContext } from "../model/context.ts";
import { keyPairOf } from "./key-pair.ts";
import { assemble, type OpenOptions } from "./assemble.ts";
import type { Machine } from "./machine.ts";
import { Keeper } from "./moments/keeper.ts";
import { SavedMachine } from "./moments/moment.ts";
import { newFolder } from "./moments/shelf.ts";
import { kinds } from "./stand.ts";

export type { OpenOptions } from "./assemble.ts";

export interface MachineOptions extends OpenOptions {
  /** It may be saved: its disks and memory lie in files of the cache. */
  readonly savable?: boolean;
  /** What the first moment of it is published under, for anybody to fork. */
  readonly digest?: string;
  /** Why it is booted where others are forked. */
  readonly why?: string | undefined;
  /** Called when it has booted at its owner's wish, before the owner hears of it. */
  readonly booted?: (machine: Machine) => Promise<void>;
  /** Called when it is no more. */
  readonly closed?: () => void;
}

/** Puts an image in a target: the machine exists, switched off. Throws HarnessError; the caller disposes of it. */
export async function openMachine(context: WorkerContext, options: MachineOptions): Promise<Machine> {
  const { savable = false, digest, why, booted, closed, ...rest } = options;
  const { privateKey, publicKey } = await keyPairOf(context.image);
  const storage = savable ? await newFolder(digest?.slice(0, 16) ?? "machine") : undefined;
  const { version, signal } = rest;
  const keeper = new Keeper(context, rest, { privateKey, storage, digest, make: (...saved) => new SavedMachine(context, rest, ...saved) });
  keeper.atClose(async () => closed?.());
  try {
    return await assemble(context, rest, {
      ...{ privateKey, keeper, booted, why },
      hardware: async (place) => await kinds[context.target.kind].open(context, { ...place, version, publicKey, storage, signal }),
    });
  } catch (error) {
    await keeper.close();
    throw error;
  }
}
