import type { Accelerator, ToolsPlace, WorkerContext } from "../../model/context.ts";
import type { Hardware } from "../../model/hardware.ts";
import type { Image, ImageManifest } from "../../model/image.ts";
import type { TargetManifest } from "../../model/target.ts";

/** What this host runs a target by. */
export interface Stand {
  readonly accelerator: Accelerator;
  /** How that was found. */
  readonly why: string;
  /** In words; undefined for a target without firmware. */
  readonly firmware: string | undefined;
}

export interface HardwareWish {
  readonly name: string;
  /** Which of the image's versions to start from; the first by default. */
  readonly version: string | undefined;
  /** OpenSSH public key to let in. */
  readonly publicKey: string;
  readonly evidenceFolder: string;
  /** Folder for what of the machine outlasts its power, if it may be saved. */
  readonly storage?: string | undefined;
  readonly signal: AbortSignal;
}

/** Everything that differs between kinds of targets. */
export interface Kind {
  /** Whether QEMU makes its machines: the tools must have one for the target's architecture, and an accelerator that works. */
  readonly emulated: boolean;
  /** Why the image cannot be put in such a target, by its manifest alone; undefined if nothing there speaks against it. */
  misfit(image: ImageManifest): string | undefined;
  /** Refuses an image whose files stand on disk already if such a target could not start it. Throws InputError at the flag `--image`. */
  check(image: Pick<Image, "manifest" | "folder">, target: TargetManifest): Promise<void>;
  /** Finds out whether and by what this host runs the target. Throws HarnessError if it cannot. */
  stand(tools: ToolsPlace, target: TargetManifest, signal: AbortSignal): Promise<Stand>;
  /** Why the image cannot be put in the target; undefined if it can. */
  fits(image: Image, tools: ToolsPlace, target: TargetManifest): Promise<string | undefined>;
  /** Puts an image in the target: hardware that is switched off. Throws HarnessError. */
  open(context: WorkerContext, wish: HardwareWish): Promise<Hardware>;
  /** All that decides what the hardware will be and nothing drawn by lot, as plain data. Absent where hardware cannot be saved. */
  identity?(context: WorkerContext, version: string | undefined): Promise<unknown>;
}
