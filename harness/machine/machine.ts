import type { Attachment } from "./attach/attachment.ts";
import type { Boot, Phase } from "../model/phase.ts";
import type { Capability, TargetManifest } from "../model/target.ts";
import type { Image } from "../model/image.ts";
import type { RunOptions, CommandResult, Shell, Way } from "../model/shell.ts";
import type { MachineUse } from "../model/record.ts";

export interface WaitOptions {
  readonly signal?: AbortSignal;
  /** Milliseconds; by default the phase's expected duration times a margin. */
  readonly timeoutMs?: number;
}

/** What the serial line said, and what it says now. */
export interface MachineConsole {
  /** The screen a person would see, trailing blank lines removed. */
  screen(): string;
  /** Everything said so far with escape codes removed, or what came after a `mark`. */
  text(mark?: number): string;
  /** Position in the stream to start a later `expect` or `text` from. */
  mark(): number;
  /** Resolves with the match once the pattern appears in text after `from` (default: now). Throws ClaimFailed at the deadline or when the machine can no longer say it. */
  expect(pattern: RegExp, options?: WaitOptions & { from?: number }): Promise<RegExpMatchArray>;
  /** Types into the serial line. */
  type(text: string): Promise<void>;
}

export interface ForkOptions {
  /** Name of its evidence folder; by default that of the machine that was saved, and a number. */
  readonly cell?: string;
  /** Ends every wait of the fork; by default the one of the machine that was saved. */
  readonly signal?: AbortSignal;
  /** What the guest takes the time for: what it was when it was saved (`saved`, the default), or what it is (`now`). */
  readonly clock?: "saved" | "now";
  /** The fork may itself be saved, for which it gets a copy of the memory. */
  readonly savable?: boolean;
  /** Why it goes on from here, where its test would have a later moment: for the record. */
  readonly why?: string | undefined;
}

export interface SaveOptions {
  /** The machine may be saved once more after it has gone on. */
  readonly again?: boolean;
}

/** A saved machine, of which any number can be made. Disposing it takes it away from whoever comes later; forks that run go on. */
export interface Moment extends AsyncDisposable {
  readonly name: string;
  /** What it takes on the disk, in bytes. */
  bytes(): Promise<number>;
  /**
   * A machine that goes on where the saved one stood, and answers: with disks, firmware variables, TPM, network port and random numbers of its own.
   * Throws HarnessError `OSB_MOMENT` if it cannot be restored.
   */
  fork(options?: ForkOptions): Promise<Machine>;
}

/** One live instance: an image in a target. Disposing it ends every process it owns and keeps its evidence. */
export interface Machine extends AsyncDisposable {
  readonly image: Image;
  readonly target: TargetManifest;
  readonly console: MachineConsole;
  readonly phase: Phase;
  readonly boots: readonly Boot[];
  /** Aborts when the test that owns the machine ends. */
  readonly signal: AbortSignal;
  /** Folder this machine's evidence is written to. */
  readonly evidenceFolder: string;
  capability(name: string): Promise<Capability>;
  /**
   * Switches a machine on that never was, ahead of its first `boot`, which then waits for that same boot. Until then it passes for off. Throws
   * HarnessError if the hardware does not start.
   */
  switchOn(): Promise<void>;
  /** Powers on if off, and waits until the phase is reached. Throws ClaimFailed with diagnosis and screen if the machine shows it never will. */
  boot(until?: Phase, options?: WaitOptions): Promise<Boot>;
  /** Orderly reboot asked for inside the guest, then waits for `ready` again. */
  reboot(options?: WaitOptions): Promise<Boot>;
  /** Waits for the next boot the machine makes by itself (firmware starts again) and for its `ready`. Give the `boots.length` seen before whatever causes it. */
  nextBoot(after: number, until?: Phase, options?: WaitOptions): Promise<Boot>;
  /** Orderly power-off asked for inside the guest; resolves when the machine is off. Throws ClaimFailed if it does not go off. */
  powerOff(options?: WaitOptions): Promise<void>;
  /** What a pulled plug does: no warning to the guest; disks keep only what was written. */
  cutPower(): Promise<void>;
  /** A shell of the given way (default `channel`, else `ssh`, else `serial`, whatever the image offers); kept and reused until the next boot. */
  shell(via?: Way, signal?: AbortSignal): Promise<Shell>;
  /** Shorthand for `(await machine.shell()).run(command)`. */
  run(command: string, options?: RunOptions): Promise<CommandResult>;
  /** Serves this folder's files to the image's updater at `image.manifest.updates.address` from now on. */
  serveUpdates(folder: string): Promise<void>;
  /**
   * Saves the machine as it stands; it goes on as the first fork of itself. Only a machine that is ready can be saved, and only one that was opened
   * for it (`savable`). Throws NotApplicable `fork` with the reason where its hardware cannot be saved.
   */
  save(name: string, options?: SaveOptions): Promise<Moment>;
  /** Whether machines like this one can be saved and forked, and why not. */
  forkable(): Promise<Omit<Capability, "name">>;
  /** Copies a file of the host into the machine, checked on arrival by sha256, or cksum where that is all there is. Goes on where a cut-off copy ended. */
  upload(hostFile: string, guestPath: string): Promise<void>;
  /** Copies a file of the machine to the host, in the same manner. */
  download(guestPath: string, hostFile: string): Promise<void>;
  /** Where people get at it while it runs; undefined for a machine nobody can get at. */
  readonly attachment?: Attachment | undefined;
  /** What a record says about this machine. */
  use(): MachineUse;
}
