import type { z } from "zod";
import type { Machine } from "../machine/machine.ts";
import type { ToolsPlace } from "../model/context.ts";
import type { OsAdapter } from "../os/adapter.ts";

/** What a verb acts on. One per test; with a shared machine, `memory` lives as long as the machine. */
export interface VerbContext {
  readonly machine: Machine;
  readonly os: OsAdapter;
  /** Where the host's own tools come from; undefined where a step has none to use. */
  readonly tools?: ToolsPlace;
  /** What earlier steps remembered about this machine, by fact. */
  readonly memory: Map<string, unknown>;
  /** Aborts when the test ends, times out or is cancelled. */
  readonly signal: AbortSignal;
  /** Adds a file to the machine's evidence folder. */
  attach(name: string, content: string | Uint8Array): Promise<void>;
  /** Keeps the machine as it stands, by what steps remembered too, as a moment that later tests start from. */
  keep(name: string): Promise<void>;
  /** Runs when the test (with a shared machine or a moment made: the suite) ends. */
  defer(release: () => unknown): void;
}

/**
 * One word that may start a step. `run` throws ClaimFailed when the image does not do what the step claims, NotApplicable when the
 * image or target cannot be asked, and anything else when the harness is at fault.
 */
export interface Verb<Schema extends z.ZodType = z.ZodType> {
  readonly name: string;
  /** One sentence shown by editors and in the documentation. */
  readonly summary: string;
  readonly schema: Schema;
  /**
   * `on`: finds the machine booted, and no reboot since the last step that made one. `any`: works whatever the machine does.
   * `power`: is about the power or the boot itself and judges reboots on its own.
   */
  readonly needs: "on" | "any" | "power";
  run(context: VerbContext, args: z.output<Schema>): Promise<void>;
}

/** Declares a verb; gives its `run` the type its schema promises. */
export function defineVerb<Schema extends z.ZodType>(verb: Omit<Verb<Schema>, "needs"> & { readonly needs?: Verb["needs"] }): Verb<Schema> {
  return { needs: "on", ...verb };
}
