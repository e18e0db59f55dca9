import type { Image } from "./image.ts";
import type { TargetManifest } from "./target.ts";

/** Where QEMU, swtpm, firmware and mkosi come from. Plain data: crosses process borders. */
export interface ToolsPlace {
  readonly kind: "toolbox" | "host";
  /** Root of the toolbox tree, "" for the host's own tools. */
  readonly root: string;
  /** Digest of the toolbox recipe; undefined for the host's own. */
  readonly digest: string | undefined;
}

/** `native`: no machine is made, programs run on the host's kernel. */
export type Accelerator = "kvm" | "tcg" | "native";

/** What QEMU can run a machine's processors by. */
export type QemuAccelerator = Exclude<Accelerator, "native">;

/** What a test worker needs to know to open machines: one image in one target, in one run. Provided to vitest workers under the key `osbench`. */
export interface WorkerContext {
  readonly run: string;
  /** Absolute path of the run directory; evidence goes to `evidence/<cell>/` below it. */
  readonly runFolder: string;
  readonly image: Image;
  readonly target: TargetManifest;
  readonly tools: ToolsPlace;
  readonly accelerator: Accelerator;
  /** Keep the machine of a test that fails until people are done with it, at most so many milliseconds. */
  readonly pause?: { readonly forMs: number | undefined } | undefined;
  /** Unix socket that takes `MachineEvent`s as JSON lines, for the live view. */
  readonly bus: string | undefined;
  /** Absolute paths of the user's own files of signatures, over the built-in ones. */
  readonly signatures?: readonly string[] | undefined;
  /** Boot every machine: none is forked from a saved one, and none is kept for others. */
  readonly fresh?: boolean | undefined;
  /** Which attempt of the run this is, from 1 (the default); evidence of later ones stands in folders of their own. */
  readonly attempt?: number;
}
