import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { ofAttempt } from "../model/cell.ts";
import type { WorkerContext } from "../model/context.ts";
import type { Hardware } from "../model/hardware.ts";
import { cacheFolder, remember, writeWhole } from "../host/cache.ts";
import { loadSignatures, type Signature } from "../diagnosis/signature.ts";
import { AttachPoint, type AttachOptions } from "./attach/point.ts";
import { Bus } from "./bus.ts";
import { Expectations, networkPatience, type Patience } from "./expected.ts";
import { LiveMachine } from "./live-machine.ts";
import type { MachineParts } from "./parts.ts";

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

/** What the machine's maker brings. */
export interface Made extends Pick<MachineParts, "privateKey" | "origin" | "why" | "booted" | "keeper"> {
  readonly hardware: (place: { readonly name: string; readonly evidenceFolder: string }) => Promise<Hardware>;
}

/** Puts a machine together around hardware that is switched off. */
export async function assemble(context: WorkerContext, options: OpenOptions, made: Made): Promise<LiveMachine> {
  const { image, target, accelerator } = context;
  const { signal } = options;
  const evidenceFolder = join(context.runFolder, "evidence", ofAttempt(options.cell, context.attempt));
  await mkdir(evidenceFolder, { recursive: true });
  const name = `osbench-${options.cell}`.slice(0, 60).replaceAll(",", "_");
  const [expected, known, hardware] = await Promise.all([
    Expectations.load(
      image.name,
      target.target,
      accelerator,
      options.patience ?? (image.manifest.form === "netboot" ? networkPatience : undefined),
    ),
    loadOnce(context.signatures),
    made.hardware({ name, evidenceFolder }),
  ]);
  const signatures = known.filter(({ id }) => !image.manifest.expects?.includes(id));
  const bus = new Bus(context.bus, `${image.name} ${target.target} ${crypto.randomUUID().slice(0, 8)}`, basename(evidenceFolder));
  bus.tell({ type: "opened", image: image.name, target: target.target });
  const attachment = await attachPoint({
    hardware,
    cell: options.cell,
    access: image.manifest.access,
    privateKey: made.privateKey,
    writable: options.forPeople ?? false,
  });
  const machine = new LiveMachine({
    ...made,
    ...{ image, target, accelerator, hardware, expected, signatures, bus, attachment, evidenceFolder, signal },
  });
  attachment?.serve(machine);
  return machine;
}

const loaded = new Map<string, Promise<Signature[]>>();

/** What a console line means stays the same as long as this process lives: a fork should not wait for it. */
export function loadOnce(files: readonly string[] = []): Promise<Signature[]> {
  const key = files.join("\0");
  const known = loaded.get(key);
  if (known) return known;
  const loading = loadSignatures(files, rememberByBytes);
  loaded.set(key, loading);
  loading.catch(() => loaded.delete(key));
  return loading;
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
