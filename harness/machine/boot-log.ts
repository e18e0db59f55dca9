import { EventEmitter } from "node:events";
import { before, type Boot, type Phase } from "../model/phase.ts";

/** A boot while it happens. */
export class BootInProgress implements Boot {
  readonly number: number;
  id: string | undefined;
  readonly durations: Partial<Record<Phase, number>> = {};
  phase: Phase;
  /** The last phase of the way up that was entered; going down or dying does not change it. */
  furthest: Phase;
  /** The phase it began in. */
  readonly first: Phase;
  /** Position in the console's text where this boot began. */
  readonly consoleStart: number;
  /** It was made before the machine was saved, which this one is a fork of. */
  readonly inherited: boolean;
  readonly #started = performance.now();
  #phaseStarted = this.#started;

  constructor(number: number, consoleStart: number, first: Phase = "firmware", inherited = false) {
    this.number = number;
    this.first = this.phase = this.furthest = first;
    this.consoleStart = consoleStart;
    this.inherited = inherited;
  }

  get totalMs(): number {
    return this.#phaseStarted - this.#started;
  }

  enter(phase: Phase): void {
    const now = performance.now();
    this.durations[this.phase] = (this.durations[this.phase] ?? 0) + (now - this.#phaseStarted);
    this.phase = phase;
    if (before(this.furthest, phase) && before(phase, "shutdown")) this.furthest = phase;
    this.#phaseStarted = now;
  }
}

/** The boots of a machine and where the latest stands. Emits `phase` on every change, after it holds. */
export class BootLog extends EventEmitter<{ phase: [boot: BootInProgress, phase: Phase] }> {
  readonly boots: BootInProgress[] = [];
  #off = true;

  get current(): BootInProgress | undefined {
    return this.boots.at(-1);
  }

  get phase(): Phase {
    return this.#off ? "off" : (this.current?.phase ?? "off");
  }

  /** Power on or reset: the firmware starts, or whatever the hardware has first. A firmware that resets itself before it loaded anything is still the same boot. */
  begin(consoleStart: number, first: Phase = "firmware"): void {
    if (!this.#off && this.current?.phase === "firmware") return;
    if (!this.#off) this.current?.enter("off");
    this.#off = false;
    const boot = new BootInProgress(this.boots.length + 1, consoleStart, first);
    this.boots.push(boot);
    this.emit("phase", boot, first);
  }

  /** A saved machine goes on in its last boot. Of the boots before it was saved only number and id are kept: their times are not this machine's. */
  resume(boots: readonly Pick<Boot, "number" | "id">[], phase: Phase, consoleStart: number): void {
    for (const { number, id } of boots) {
      const boot = new BootInProgress(number, consoleStart, phase, true);
      boot.id = id;
      this.boots.push(boot);
    }
    this.#off = false;
    this.emit("phase", this.current as BootInProgress, phase);
  }

  /** Goes on to a later phase; an earlier or the same one is ignored. */
  enter(phase: Phase): void {
    const boot = this.current;
    if (this.#off || !boot || !before(boot.phase, phase)) return;
    boot.enter(phase);
    this.emit("phase", boot, phase);
  }

  /** The boot is ready. Where one image is initrd and root, its first getty says that the initrd is over, and a shell may be there before it. */
  ready(): void {
    if (this.current?.phase === "initrd") this.enter("userspace");
    this.enter("ready");
  }

  end(): void {
    const boot = this.current;
    if (this.#off || !boot) return;
    boot.enter("off");
    this.#off = true;
    this.emit("phase", boot, "off");
  }
}
