import type { Signature } from "../diagnosis/signature.ts";
import type { Accelerator } from "../model/context.ts";
import type { Hardware } from "../model/hardware.ts";
import type { Image } from "../model/image.ts";
import type { TargetManifest } from "../model/target.ts";
import type { Attachment } from "./attach/attachment.ts";
import type { Bus } from "./bus.ts";
import type { Expectations } from "./expected.ts";

/** What a machine is put together from. */
export interface MachineParts {
  readonly image: Image;
  readonly target: TargetManifest;
  readonly accelerator: Accelerator;
  readonly hardware: Hardware;
  readonly privateKey: string;
  readonly expected: Expectations;
  readonly signatures: readonly Signature[];
  readonly bus: Bus;
  readonly attachment: Attachment | undefined;
  readonly evidenceFolder: string;
  readonly signal: AbortSignal;
}
