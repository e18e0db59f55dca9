import { once } from "node:events";
import type { Console } from "../console/console.ts";
import { deadline } from "../model/deadline.ts";
import { HarnessError } from "../model/errors.ts";
import type { Hardware } from "../model/hardware.ts";
import type { Boot, Phase } from "../model/phase.ts";
import type { BootLog } from "./boot-log.ts";
import { blameImage } from "./leave.ts";
import type { WaitOptions } from "./machine.ts";
import { starvedBy } from "./starved.ts";
import type { BootWatch } from "./watch.ts";

/** How long an orderly reboot or power-off may take to leave the running system. */
const leaveTimeoutMs = 180_000;

/** A machine's power switch, and the waiting for what its boots come to. */
export class Power {
  readonly #hardware: Hardware;
  readonly #log: BootLog;
  readonly #watch: BootWatch;
  readonly #line: Console;
  readonly #owner: AbortSignal;
  #poweringOn: Promise<void> | undefined;
  #ahead = false;

  constructor(hardware: Hardware, log: BootLog, watch: BootWatch, line: Console, owner: AbortSignal) {
    this.#hardware = hardware;
    this.#log = log;
    this.#watch = watch;
    this.#line = line;
    this.#owner = owner;
  }

  /** It has been switched on before anybody asked for its first boot: that boot goes on, and nobody has seen anything of it yet. */
  get ahead(): boolean {
    return this.#ahead;
  }

  /** Switches on what is off and has not been on. */
  async onAhead(): Promise<void> {
    if (this.#hardware.powered || this.#log.boots.length > 0) return;
    this.#ahead = true;
    try {
      await this.on(this.#owner);
    } catch (error) {
      this.#ahead = false;
      throw error;
    }
  }

  async boot(until: Phase, options: WaitOptions): Promise<Boot> {
    const begun = this.#ahead;
    this.#ahead = false;
    // Whatever became of a boot that has begun, it is the one that is asked for.
    if (!begun || this.#poweringOn) await this.on(this.#signal(options));
    return await this.#reach(begun ? 1 : Math.max(1, this.#log.boots.length), until, options);
  }

  async nextBoot(after: number, until: Phase, options: WaitOptions): Promise<Boot> {
    const wait = deadline(`boot ${after + 1} to begin`, options.timeoutMs ?? leaveTimeoutMs, this.#signal(options));
    try {
      await this.#watch.reached(after + 1, "firmware", wait.signal);
    } catch (error) {
      throw this.blame(wait.explain(error), "OSB_NO_REBOOT", `the machine did not restart: boot ${after} goes on`);
    } finally {
      wait.clear();
    }
    return await this.#reach(after + 1, until, options);
  }

  /** `ask` asks the guest to switch itself off. */
  async off(options: WaitOptions, ask: () => Promise<void>): Promise<void> {
    if (!this.#hardware.powered) return;
    const wait = deadline("the machine to switch itself off", options.timeoutMs ?? leaveTimeoutMs, this.#signal(options));
    try {
      const off = once(this.#hardware.events, "off", { signal: wait.signal });
      off.catch(() => {});
      await ask();
      const [reason, by] = (await off) as [string, string];
      if (by === "broken") throw new HarnessError("OSB_QEMU_DIED", reason);
    } catch (error) {
      throw this.blame(wait.explain(error), "OSB_NO_POWEROFF", "the machine did not switch itself off");
    } finally {
      wait.clear();
    }
  }

  /** Several callers may ask for power at the same time. */
  async on(signal: AbortSignal): Promise<void> {
    if (this.#hardware.powered) return;
    this.#poweringOn ??= this.#hardware.powerOn(signal).finally(() => (this.#poweringOn = undefined));
    await this.#poweringOn;
  }

  blame(error: unknown, code: string, what: string): unknown {
    return (isLate(error) && this.#watch.death) || blameImage(error, code, what, this.#line);
  }

  async #reach(boot: number, until: Phase, options: WaitOptions): Promise<Boot> {
    const signal = this.#signal(options);
    if (options.timeoutMs === undefined) return await this.#watch.reached(boot, until, signal);
    const wait = deadline(`boot ${boot} to be ${until}`, options.timeoutMs, signal);
    try {
      return await this.#watch.reached(boot, until, wait.signal);
    } catch (error) {
      const where = `boot ${boot} was not ${until} in time, it stands in its ${this.#log.phase} phase`;
      const late = wait.explain(error);
      const starved = isLate(late) && !this.#watch.death && starvedBy(await this.#hardware.examine());
      if (!starved) throw this.blame(late, "OSB_BOOT_SLOW", where);
      const diagnosis = { ...starved, phase: this.#log.phase };
      throw new HarnessError("OSB_BOOT_SLOW", `${where}; ${starved.means} (${starved.id})`, { cause: error, diagnosis });
    } finally {
      wait.clear();
    }
  }

  #signal(options: WaitOptions): AbortSignal {
    return options.signal ? AbortSignal.any([options.signal, this.#owner]) : this.#owner;
  }
}

function isLate(error: unknown): boolean {
  return error instanceof HarnessError && error.code === "OSB_TIMEOUT";
}
