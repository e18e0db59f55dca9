import type { Signature } from "../diagnosis/signature.ts";
import type { Accelerator } from "../model/context.ts";
import type { Hardware } from "../model/hardware.ts";
import type { Image } from "../model/image.ts";
import type { Boot, Phase } from "../model/phase.ts";
import type { TargetManifest } from "../model/target.ts";
import type { AgentStanding } from "../shell/raw-engine.ts";
import type { Attachment } from "./attach/attachment.ts";
import type { Bus } from "./bus.ts";
import type { Expectations } from "./expected.ts";
import type { Machine, Moment, SaveOptions } from "./machine.ts";

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
  /** The moment it is a fork of. */
  readonly origin?: Origin | undefined;
  /** Why it was booted where others are forked. */
  readonly why?: string | undefined;
  /** Called when the machine has booted at its maker's wish, before whoever wished it goes on. */
  readonly booted?: ((machine: Machine) => Promise<void>) | undefined;
  /** Undefined for a machine that is never saved. */
  readonly keeper?: Keeper | undefined;
}

/** Where a fork comes from, and where it goes on. */
export interface Origin {
  readonly name: string;
  readonly digest: string | undefined;
  /** ISO 8601, UTC. */
  readonly saved: string;
  readonly guest: GuestStanding;
}

/** How a guest stood when it was saved. */
export interface GuestStanding {
  readonly boots: readonly Pick<Boot, "number" | "id">[];
  readonly phase: Phase;
  /** Folder its updater is served from. */
  readonly updates: string | undefined;
  /** The agent that waits for commands on its channel. */
  readonly agent: AgentStanding | undefined;
}

/** Who saves a machine and makes others of it. */
export interface Keeper {
  save(name: string, machine: { readonly hardware: Hardware; readonly guest: GuestStanding }, options: SaveOptions): Promise<Moment>;
  /** The machine is no more. */
  close(): Promise<void>;
}
