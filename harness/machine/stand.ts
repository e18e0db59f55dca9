import type { TargetManifest } from "../model/target.ts";
import { container } from "./kinds/container.ts";
import type { Kind } from "./kinds/kind.ts";
import { qemu } from "./kinds/qemu.ts";

/** All kinds of targets. What opens hardware is read where some is opened: planning a run needs none of it. */
export const kinds: Readonly<Record<TargetManifest["kind"], Kind>> = { qemu, container };
