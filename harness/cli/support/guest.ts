import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { claimMachine, type Claim } from "../../host/lock.ts";
import { makeWorkspace } from "../../host/workspace.ts";
import { loadSignatures } from "../../diagnosis/signature.ts";
import { findImage } from "../../image/manifest.ts";
import type { OwnImageOptions } from "../../image/ownimage.ts";
import { openMachine } from "../../machine/open.ts";
import type { Machine } from "../../machine/machine.ts";
import type { ToolsPlace } from "../../model/context.ts";
import { Disposal } from "../../model/disposal.ts";
import { HarnessError, InputError } from "../../model/errors.ts";
import type { MachineEvent } from "../../model/events.ts";
import { families } from "../../os/families.ts";
import { findTarget } from "../../machine/targets.ts";
import { varyTarget } from "../../qemu/vary.ts";
import { openBus } from "../../run/bus.ts";
import { checkArtefacts } from "../../run/check.ts";
import { combine } from "../../run/plan.ts";
import { contextOf, prepareCombinations, prepareTools } from "../../run/prepare.ts";
import { diskOf, type DiskFlags } from "./disk.ts";

export interface GuestRequest {
  /** Name or path. */
  readonly image: string;
  /** Name or path. */
  readonly target: string;
  /** Keys of the target that are changed: `disk.bus=nvme`. */
  readonly settings: readonly string[];
  /** Files of the user's own signatures. */
  readonly signatures: readonly string[];
  readonly tools: ToolsPlace["kind"];
  readonly disk: OwnImageOptions;
  /** Folder for what the machine leaves; a temporary one unless given. */
  readonly out: string | undefined;
  /** The command, as it names itself to others. */
  readonly command: "boot" | "shell";
}

/** The flags of a command that opens a machine for a person. */
export interface GuestFlags extends DiskFlags {
  readonly target: string;
  readonly set: readonly string[];
  readonly signatures: readonly string[];
  readonly tools: ToolsPlace["kind"];
  readonly out?: string;
}

/** What a command's flags ask for. */
export function requestOf(image: string, flags: GuestFlags, command: GuestRequest["command"]): GuestRequest {
  const { target, set, signatures, tools, out } = flags;
  return { image, target, settings: set, signatures, tools, disk: diskOf(flags), out, command };
}

export interface GuestOptions {
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
  readonly onEvent?: (event: MachineEvent) => void;
}

/** One machine for a person: an image in a target, switched off. */
export interface Guest extends AsyncDisposable {
  readonly machine: Machine;
  readonly attachment: NonNullable<Machine["attachment"]>;
  /** How it runs, e.g. `tiny in x86_64 (tcg)`. */
  readonly title: string;
  /** Lets runs use this host again; they must wait while the machine boots, or their deadlines would suffer. */
  settled(): Promise<void>;
}

/** Prepares and opens a machine. Throws InputError for what was asked wrongly, before anything is built; disposal leaves nothing behind but `out`. */
export async function openGuest(request: GuestRequest, { signal, progress, onEvent }: GuestOptions): Promise<Guest> {
  const known = { flag: "IMAGE", families: Object.keys(families), progress };
  const image = await findImage(request.image, { ...request.disk, ...known });
  const target = await varyTarget(await findTarget(request.target), request.settings);
  await loadSignatures(request.signatures);
  await checkArtefacts(image, [target]);
  if (request.out !== undefined && existsSync(join(request.out, "evidence")))
    throw new InputError([
      { at: { flag: "--out" }, what: `${request.out} holds the evidence of another machine`, remedy: "Name a new folder." },
    ]);
  const owned = new Disposal();
  try {
    const claim: Claim = owned.use(await claimMachine(`osbench ${request.command} ${image.name}`));
    const combinations = combine([image.manifest], [target]);
    const tools = await prepareTools(request.tools, { progress, signal });
    const [prepared] = await prepareCombinations(combinations, [image], tools, { progress, signal });
    if (!prepared || !("image" in prepared)) throw reasonOf(prepared);
    const bus = owned.use(await openBus());
    if (onEvent) bus.on(onEvent);
    const runFolder = request.out === undefined ? await makeWorkspace("boot") : resolve(request.out);
    if (request.out === undefined) owned.defer(() => rm(runFolder, { recursive: true, force: true }));
    const signatures = request.signatures.map((file) => resolve(file));
    const context = contextOf(prepared, { run: request.command, runFolder, tools: tools.place, bus: bus.path, signatures });
    const machine = owned.use(await openMachine(context, { cell: request.command, signal, forPeople: true }));
    const { attachment } = machine;
    if (!attachment)
      throw new HarnessError("OSB_NO_ATTACH", "the machine's socket could not be opened", { hint: "Is TMPDIR a very long path?" });
    return {
      machine,
      attachment,
      title: `${image.name} in ${target.target} (${prepared.accelerator})`,
      settled: async () => await claim[Symbol.asyncDispose](),
      [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose](),
    };
  } catch (error) {
    await owned[Symbol.asyncDispose]();
    throw error;
  }
}

function reasonOf(prepared: object | undefined): unknown {
  if (prepared && "failure" in prepared) return prepared.failure;
  const what = prepared && "misfit" in prepared ? String(prepared.misfit) : "the image cannot be put in the target";
  return new InputError([{ at: { flag: "--target" }, what }]);
}
