import type { OwnImageOptions } from "../image/ownimage.ts";
import type { Shard } from "./shard/assign.ts";
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
  /** Keys of every target that are changed: `disk.bus=nvme`. */
  readonly settings?: readonly string[] | undefined;
  readonly out: string | undefined;
  readonly tools: ToolsPlace["kind"];
  /** Files of the user's own signatures. */
  readonly signatures?: readonly string[];
  /** Runs only tests whose name holds this text. */
  readonly filter: string | undefined;
  /** Which part of the matrix to run, and by what durations it is divided; without those by the number of claims. */
  readonly shard?: (Shard & { readonly durations?: string | undefined }) | undefined;
  /** Wait while another run has this host, instead of giving up. */
  readonly wait?: boolean | undefined;
  /** At most so many machines at once. */
  readonly workers: number | undefined;
  /** Boot every machine instead of forking saved ones, and save none. */
  readonly fresh?: boolean | undefined;
  /** How often a suite is tried again after an error of the emulator or the host. */
  readonly retries: number;
  /** Keep the machine of a test that fails until people are done with it. */
  readonly pause?: WorkerContext["pause"];
  /** The command as typed, for the record. */
  readonly command: readonly string[];
}

export const defaultImage = "debian-ab";
export const defaultTarget = "x86_64";

/** The flags by which a person says what to run. */
export interface RequestFlags {
  readonly suites: readonly string[];
  readonly image: readonly string[];
  readonly target: readonly string[];
  readonly set?: readonly string[];
  /** What is said of images that are disks given by their path. */
  readonly disk: OwnImageOptions;
  readonly out?: string;
  readonly tools: ToolsPlace["kind"];
  readonly signatures?: readonly string[];
  readonly filter?: string;
  readonly workers?: number;
  /** `2/3` */
  readonly shard?: Shard;
  /** File by which the matrix is divided into shards. */
  readonly durations?: string;
  readonly wait?: boolean;
  readonly fresh?: boolean;
  readonly retries: number;
  readonly pause?: WorkerContext["pause"];
  readonly command: readonly string[];
}

export function requestOf(flags: RequestFlags): RunRequest {
  return {
    suites: flags.suites,
    images: flags.image.length > 0 ? flags.image : [defaultImage],
    targets: flags.target.length > 0 ? flags.target : [defaultTarget],
    settings: flags.set,
    disk: flags.disk,
    out: flags.out,
    tools: flags.tools,
    ...(flags.signatures && { signatures: flags.signatures }),
    filter: flags.filter,
    workers: flags.workers,
    wait: flags.wait,
    fresh: flags.fresh,
    shard: flags.shard && { ...flags.shard, durations: flags.durations },
    retries: flags.retries,
    pause: flags.pause,
    command: flags.command,
  };
}
