import type { OwnImageOptions } from "../image/ownimage.ts";
import type { ToolsPlace, WorkerContext } from "../model/context.ts";

/** What a person asked for, as typed; nothing of it is checked yet. */
export interface RunRequest {
  /** Suite folders or files. */
  readonly suites: readonly string[];
  /** Names or paths. */
  readonly images: readonly string[];
  /** What is said of images that are disks given by their path. */
  readonly disk: OwnImageOptions;
  readonly targets: readonly string[];
  readonly out: string | undefined;
  readonly tools: ToolsPlace["kind"];
  /** Files of the user's own signatures. */
  readonly signatures?: readonly string[];
  /** Runs only tests whose name holds this text. */
  readonly filter: string | undefined;
  /** At most so many machines at once. */
  readonly workers: number | undefined;
  /** How often a suite is tried again after an error of the emulator or the host. */
  readonly retries: number;
  /** Keep the machine of a test that fails until people are done with it. */
  readonly pause?: WorkerContext["pause"];
  /** The command as typed, for the record. */
  readonly command: readonly string[];
}

export const defaultImage = "debian-ab";
export const defaultTarget = "x86_64";
