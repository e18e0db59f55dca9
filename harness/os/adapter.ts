import type { CommandResult } from "../model/shell.ts";

/** A boot menu entry as its file name on the ESP says it now. Without a counter both tries are undefined. */
export interface Entry {
  readonly name: string;
  readonly version: string | undefined;
  readonly triesLeft: number | undefined;
  readonly triesDone: number | undefined;
}

/** A place the updater may install an OS in. */
export interface Slot {
  /** Device node, e.g. /dev/vda2. */
  readonly partition: string;
  readonly label: string;
  /** The version its label names; undefined when it is empty. */
  readonly version: string | undefined;
  readonly bytes: number;
  /** The running system's /usr lies in it. */
  readonly running: boolean;
}

/**
 * `good`: this boot was counted, and then marked good. `counting`: counted, tries left, not yet marked. `bad`: counted, no tries left.
 * `uncounted`: the loader started an entry without a counter: blessed in an earlier boot, or never armed. `lost`: counted, but its entry is gone.
 */
export const bootStates = ["good", "counting", "bad", "uncounted", "lost"] as const;
export type BootState = (typeof bootStates)[number];

export interface BootAssessment {
  readonly state: BootState;
  /** The counted path the loader passed, LoaderBootCountPath; undefined when it passed none. */
  readonly countedPath: string | undefined;
  readonly entry: Entry | undefined;
}

export interface FailedUnit {
  readonly unit: string;
  readonly description: string;
}

export interface Health {
  /** What `systemctl is-system-running` says once the boot is over: running, degraded, maintenance … */
  readonly state: string;
  readonly failed: readonly FailedUnit[];
}

/** What may be wrong with a served update. */
export const damages = ["root", "uki", "sums", "missing-root"] as const;
export type Damage = (typeof damages)[number];

/**
 * One update family, asked the same questions as every other. Answers are facts read back from the machine (partition table, bytes, EFI
 * variables, JSON), never the exit code of the tool under test. A question the family cannot answer throws NotApplicable; an answer that
 * cannot be understood throws HarnessError.
 */
export interface OsAdapter {
  readonly family: string;
  /** The running version: IMAGE_VERSION, else VERSION_ID, of /etc/os-release. */
  version(): Promise<string>;
  bootId(): Promise<string>;
  machineId(): Promise<string>;
  /** Waits until the boot is over, as systemd sees it. */
  health(timeoutMs?: number): Promise<Health>;

  /** Prepares a folder to be served as the update source, holding the given versions only. Resolves with the folder. */
  publish(folder: string, versions: readonly string[], damage?: Damage): Promise<string>;
  /** The newest version the updater says it could install; undefined when there is none. */
  available(): Promise<string | undefined>;
  /** Asks the updater to install; what came of it is for `installed` to say. */
  install(version: string | undefined, timeoutMs?: number): Promise<CommandResult>;
  /** Versions of which every part is in place: a slot labelled so and an entry on the ESP. */
  installed(): Promise<readonly string[]>;
  /** The newest installed version, when it is not the one running. */
  staged(): Promise<string | undefined>;
  slots(): Promise<readonly Slot[]>;
  /** sha256 of the first `bytes` bytes of a slot (default: all of it). */
  slotDigest(slot: Slot, bytes?: number): Promise<string>;
  entries(): Promise<readonly Entry[]>;
  /** sha256 of the entry's file. */
  entryDigest(entry: Entry): Promise<string>;
  /** Name of the entry the boot loader would start next, counters removed. */
  defaultEntry(): Promise<string | undefined>;
  assessment(): Promise<BootAssessment>;
  /** The family's own way back: makes the given version's entry the default from now on. */
  rollback(version: string): Promise<void>;
}
