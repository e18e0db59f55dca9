import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { ofAttempt } from "../model/cell.ts";
import type { WorkerContext } from "../model/context.ts";
import { cacheFolder, remember, writeWhole } from "../host/cache.ts";
import { loadSignatures } from "../diagnosis/signature.ts";
import { makeKeyPair } from "../ssh/ssh-shell.ts";
import { AttachPoint, type AttachOptions } from "./attach/point.ts";
import { Bus } from "./bus.ts";
import { Expectations, type Patience } from "./expected.ts";
import { LiveMachine } from "./live-machine.ts";
import type { Machine } from "./machine.ts";
import { kinds } from "./stand.ts";

export interface OpenOptions {
  /** Name of the evidence folder below `<run>/evidence/`. */
  readonly cell: string;
  /** Ends every wait of the machine. */
  readonly signal: AbortSignal;
  /** Which of the image's versions to start from; the first by default. */
  readonly version?: string;
  /** The machine is for people at a terminal: whoever attaches may type. */
  readonly forPeople?: boolean;
  /** How far beyond what was measured a phase may go before it counts as stuck; by default what a busy host may need. */
  readonly patience?: Patience;
}

/** Puts an image in a target: the machine exists, switched off. Throws HarnessError; the caller disposes of it. */
export async function openMachine(context: WorkerContext, options: OpenOptions): Promise<Machine> {
  const { image, target, accelerator } = context;
  const evidenceFolder = join(context.runFolder, "evidence", ofAttempt(options.cell, context.attempt));
  await mkdir(evidenceFolder, { recursive: true });
  const { privateKey, publicKey } = makeKeyPair("osbench");
  const [expected, signatures, hardware] = await Promise.all([
    Expectations.load(image.name, target.target, accelerator, options.patience),
    loadSignatures(context.signatures, rememberByBytes),
    kinds[target.kind].open(context, {
      name: `osbench-${options.cell}`.slice(0, 60).replaceAll(",", "_"),
      version: options.version,
      publicKey,
      evidenceFolder,
      signal: options.signal,
    }),
  ]);
  const bus = new Bus(context.bus, `${image.name} ${target.target} ${crypto.randomUUID().slice(0, 8)}`, basename(evidenceFolder));
  bus.tell({ type: "opened", image: image.name, target: target.target });
  const attachment = await attachPoint({
    hardware,
    cell: options.cell,
    access: image.manifest.access,
    privateKey,
    writable: options.forPeople ?? false,
  });
  const { signal } = options;
  const machine = new LiveMachine({
    ...{ image, target, accelerator, hardware, privateKey, expected, signatures, bus, attachment, evidenceFolder, signal },
  });
  attachment?.serve(machine);
  return machine;
}

/** Keeps what was last made of some bytes in the cache. */
async function rememberByBytes<T>(bytes: Uint8Array, make: () => Promise<T>): Promise<T> {
  const digest = createHash("sha256").update(bytes).digest("hex");
  const file = join(cacheFolder(), "signatures.json");
  const kept = await remember(file, async () => ({ digest, value: await make() }));
  if (kept.digest === digest) return kept.value;
  const value = await make();
  await writeWhole(file, JSON.stringify({ digest, value }));
  return value;
}

/** A machine nobody can attach to is still a machine: a test goes on without. */
async function attachPoint(options: AttachOptions): Promise<AttachPoint | undefined> {
  return await AttachPoint.open(options).catch(() => undefined);
}
