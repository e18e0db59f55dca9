import { join } from "node:path";
import { execa } from "../../host/execa.ts";
import { HarnessError } from "../../model/errors.ts";
import type { QemuParts } from "../hardware.ts";
import { copyStorage, frozenFiles, ramFile, type Frozen } from "./frozen.ts";

/** What a machine that goes on from a saved one has of its own, in `workspace`, or in `storage` if it may be saved again. */
export async function prepareState(
  frozen: Frozen,
  workspace: string,
  storage: string | undefined,
  signal: AbortSignal,
): Promise<Pick<QemuParts, "spec" | "origin">> {
  // A machine that was saved before and goes on has had others of the same name.
  const mark = `${crypto.randomUUID().slice(0, 8)}-`;
  const ram = storage === undefined ? undefined : { file: join(storage, ramFile), kind: "own" as const };
  const [{ disks, vars }] = await Promise.all([
    copyStorage(frozen, storage ?? workspace, mark),
    ram && copySparse(frozenFiles(frozen).ram, ram.file, signal),
  ]);
  const { ram: _, ...rest } = frozen.spec;
  const firmware = { ...frozen.spec.firmware, vars };
  return {
    spec: { ...rest, disks, firmware, generation: crypto.randomUUID(), ...(ram && { ram }) },
    origin: frozen,
  };
}

/** Node's own copy knows no holes, and most of a guest's memory is one. Source: cp(1). */
async function copySparse(from: string, to: string, signal: AbortSignal): Promise<void> {
  const copied = await execa("cp", ["--reflink=auto", "--sparse=always", "--", from, to], { reject: false, cancelSignal: signal });
  signal.throwIfAborted();
  if (copied.failed)
    throw new HarnessError("OSB_MOMENT_COPY", `copying a saved machine's memory failed: ${copied.stderr || copied.message}`);
}
