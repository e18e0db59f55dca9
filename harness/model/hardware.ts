import type { EventEmitter } from "node:events";
import type { Duplex } from "node:stream";
import type { Phase } from "./phase.ts";

/** What a machine's hardware reports by itself. */
export interface HardwareEvents {
  /** Power came on; the firmware is about to start. */
  on: [];
  /** The machine restarted without losing power: the firmware starts again. */
  reset: [];
  /** A saved machine goes on where it stood. */
  woken: [];
  /** Power is gone; says why, and who took it: the guest itself, whoever holds the plug, or a broken emulator. */
  off: [reason: string, by: "guest" | "plug" | "broken"];
  /** The machine's watchdog ran out: what it did about it (`reset`, `poweroff`, …). */
  watchdog: [action: string];
  /** The guest's kernel said through its panic device that it is dead. */
  panic: [];
  /** It runs, and the harness cannot get at it from outside, as it can by right: nothing the guest did. */
  shut: [reason: string];
  /** Something in the guest opened or closed the named port. */
  port: [name: string, open: boolean];
}

/**
 * What the processors were seen to do: `halted` waiting for an interrupt; `unwoken`, halted and not woken as often as any
 * system wakes itself; `spinning` in one
 * small loop, the others halted; `running`, and elsewhere each time one looked.
 */
export interface Examination {
  readonly doing: "off" | "halted" | "unwoken" | "spinning" | "running" | "unknown";
  /** The same for people, a line a processor. */
  readonly words: string;
  /** Of the time its processors wanted to run in this boot, the share this host had none for them; undefined if it does not say. */
  readonly starved?: number | undefined;
  /** Whether all that runs are the firmware's first instructions, in its flash: nothing of an image ever stands there. Undefined where that cannot be told. */
  readonly inFlash?: boolean | undefined;
}

/** The part of a machine that has a plug: power, lines, disks, TPM. Everything above speaks to this, never to an emulator. */
export interface Hardware extends AsyncDisposable {
  readonly events: EventEmitter<HardwareEvents>;
  readonly powered: boolean;
  /** The phase its boots begin in; `firmware` unless it says otherwise. */
  readonly begins?: Phase;
  /** Folder that lives as long as the hardware and that only its owner may enter. */
  readonly workspace: string;
  /** Switches on; resolves once the hardware runs. `serial` listeners are called before the first byte. Throws HarnessError. */
  powerOn(signal: AbortSignal): Promise<void>;
  /** Pulls the plug; resolves when nothing runs any more. */
  cutPower(): Promise<void>;
  /** Registers who gets the serial line at every power-on. */
  onSerial(attach: (line: Duplex) => void): void;
  /** The host's end of a named port, or undefined if the hardware has none or is off. */
  port(name: string): Duplex | undefined;
  /** Where the guest's SSH server answers, or undefined if there is no network. */
  sshAddress(): Promise<{ host: string; port: number } | undefined>;
  /** Answers HTTP requests of the guest's updater from this folder from now on. */
  serve(folder: string): void;
  /** What runs, for the record: command line, firmware, versions by name. */
  readonly provenance: Readonly<Record<string, string>>;
  /** Looks at what the processors do for so many milliseconds (default 800), for a hang's diagnosis. Never throws. */
  examine(forMs?: number): Promise<Examination>;
  /**
   * A program for the guest (ELF) that has its kernel draw new random numbers at once: what is made of a saved machine must have its own. Undefined where a
   * device tells the kernel, or none is known.
   */
  readonly reseedProgram?: Uint8Array | undefined;
  /**
   * Why the machine cannot be saved as it stands; undefined if it can. Of its `kind` alone: whatever this very machine was opened for. Hardware without
   * it never can.
   */
  saveObstacle?(of?: "machine" | "kind"): Promise<string | undefined>;
  /**
   * Saves the machine as it stands, and is off afterwards; its next power-on goes on from there. With `next`, an empty folder of the saved machine's
   * file system, it may then be saved again. Throws HarnessError; the machine then still runs.
   */
  save?(next: string | undefined, signal: AbortSignal): Promise<SavedHardware>;
}

/** Hardware at rest, of which any number can be made again. Plain data. */
export interface SavedHardware {
  readonly folder: string;
  /** What only its maker understands. */
  readonly spec: unknown;
  /** Every file it is made of, in the folder and elsewhere: if one changes it cannot be made again. Absolute paths of the host. */
  readonly files: readonly string[];
}
