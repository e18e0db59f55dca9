import type { Hit } from "../diagnosis/matcher.ts";
import type { OsbenchError } from "../model/errors.ts";
import type { Examination } from "../model/hardware.ts";
import { before, type Phase } from "../model/phase.ts";
import type { BootInProgress, BootLog } from "./boot-log.ts";
import type { Expectations } from "./expected.ts";
import { failureOf, type End, type Picture } from "./failure.ts";
import { HangWatch, type Overdue } from "./hang.ts";
import { shareTooSmall } from "./starved.ts";
import { stuck } from "./stuck.ts";
import { Waiters } from "./waiters.ts";

/** What the watch needs to know of its machine. */
export interface Watched extends Picture {
  /** Milliseconds since the console last said anything. */
  silentMs(): number;
}

/** A panic is known to the emulator before the console's last line has come. Milliseconds. */
const lastWordsMs = 500;
/** How long a machine that seems to hang is looked at, in milliseconds. */
const lookMs = 10_000;
/** Signs of one kind kept in one boot: a disk may complain for ever. */
const mostOfOneKind = 10;

/**
 * Lets callers wait for a phase of a boot and ends every such wait the moment the boot can no longer reach it: a console
 * line that ends boots, a panic, power gone, a restart, a phase that lasts or is silent far longer than it ever was.
 */
export class BootWatch {
  readonly #log: BootLog;
  readonly #expected: Expectations;
  readonly #watched: Watched;
  readonly #waiters = new Waiters();
  readonly #hits: Hit[] = [];
  readonly #hang: HangWatch;
  #watchdog: string | undefined;
  #panic: NodeJS.Timeout | undefined;
  #dead: { readonly boot: number; readonly error: OsbenchError } | undefined;
  #life = new AbortController();

  constructor(log: BootLog, expected: Expectations, watched: Watched) {
    this.#log = log;
    this.#expected = expected;
    this.#watched = watched;
    this.#hang = new HangWatch(expected, watched.silentMs, (overdue) => void this.#overdue(overdue), lookMs);
    log.on("phase", (boot, phase) => this.#onPhase(boot, phase));
  }

  /** Aborts, with the failure, when the boot that runs now dies. Every boot has its own. */
  get life(): AbortSignal {
    return this.#life.signal;
  }

  /** What the latest boot died of; undefined while it lives. */
  get death(): OsbenchError | undefined {
    return this.#dead?.boot === this.#log.current?.number ? this.#dead?.error : undefined;
  }

  /** Resolves once that boot (by number; it may not have begun) reached the phase. Rejects with what ended it, or the signal's reason. */
  async reached(boot: number, until: Phase, signal: AbortSignal): Promise<BootInProgress> {
    const now = this.#log.boots[boot - 1];
    if (this.#dead?.boot === boot) throw this.#dead.error;
    if (now && !before(now.furthest, until)) return now;
    if (this.#log.boots.length > boot) throw this.#restartedBefore(boot, until);
    return await this.#waiters.add(boot, until, signal);
  }

  /** A sign was met on the console: it is kept, and ends the boot if it can. */
  async hit(hit: Hit): Promise<void> {
    this.keep(hit);
    if (!this.#ends(hit)) return;
    const condition = hit.signature.if;
    const outOfTime = this.signsOf(hit.boot).some(({ signature: { id, limit } }) => limit && hit.signature.because.includes(id));
    if (condition === undefined && !outOfTime) return this.#end(hit);
    const processors = await this.#watched.examine().catch((error: Error): Examination => ({ doing: "unknown", words: error.message }));
    if (this.#log.current?.number !== hit.boot) return;
    if (condition === undefined) return this.#end(hit, processors, shareTooSmall(processors.starved));
    const halted = processors.doing === "unwoken" ? "halted" : processors.doing;
    if (halted === condition) this.#end(hit, processors);
  }

  /** Keeps a sign as evidence that ends nothing. */
  keep(hit: Hit): void {
    if (this.#hits.filter(({ boot, signature }) => boot === hit.boot && signature === hit.signature).length < mostOfOneKind)
      this.#hits.push(hit);
  }

  panicked(): void {
    const boot = this.#log.current;
    clearTimeout(this.#panic);
    this.#panic = setTimeout(() => {
      if (this.#log.current !== boot || this.#log.phase === "crashed") return;
      const unexplained = { id: "panic", means: "the kernel gave up", fault: "image" } as const;
      this.#die({ code: "OSB_PANIC", what: "the guest's kernel panicked", unexplained });
    }, lastWordsMs).unref();
  }

  /** The machine's watchdog ran out; what it does to the machine comes as an event of its own. */
  watchdogRan(action: string): void {
    this.#watchdog = action;
  }

  /** The harness cannot get at the running machine: whatever it would say of it now is its own fault. */
  shut(reason: string): void {
    const unexplained = { id: "no-way-in", means: "osbench could not enter the running machine from outside", fault: "harness" } as const;
    this.#die({ code: "OSB_NO_WAY_IN", what: `${unexplained.means}: ${reason}`, unexplained });
  }

  poweredOff(reason: string, by: "guest" | "plug" | "broken"): void {
    const broken = by === "broken";
    this.#die({
      code: broken ? "OSB_QEMU_DIED" : "OSB_POWERED_OFF",
      what: broken ? reason : `the machine lost power: ${reason}`,
      unexplained: broken
        ? { id: "emulator-died", means: "the emulator ended by itself", fault: "emulator" }
        : { id: "powered-off", means: "the machine switched itself off", fault: "image" },
    });
    // A machine without power starts no later boot by itself.
    if (this.#dead) this.#waiters.rejectAll(this.#dead.error);
    this.#log.end();
    // What is asked of a machine that is off is asked of its next boot.
    this.#life = new AbortController();
  }

  /** Gives up every wait, for instance because the machine is disposed of. */
  close(reason: Error): void {
    this.#hang.end();
    clearTimeout(this.#panic);
    this.#life.abort(reason);
    this.#waiters.rejectAll(reason);
  }

  #onPhase(boot: BootInProgress, phase: Phase): void {
    if (phase === boot.first) {
      this.#restarted(boot);
      if (this.#life.signal.aborted) this.#life = new AbortController();
    }
    this.#waiters.reached(boot);
    // A boot that is left before it came as far as somebody waits for must at least be over some time.
    const left = phase === "shutdown" && this.#waiters.before(boot.number + 1).length > 0;
    if (left || (before("off", phase) && before(phase, "ready"))) this.#hang.begin(phase);
    else this.#hang.end();
  }

  #restarted(boot: BootInProgress): void {
    const unreached = this.#waiters.before(boot.number);
    for (const waiter of unreached) waiter.reject(this.#restartedBefore(waiter.boot, waiter.until));
    this.#watchdog = undefined;
  }

  #restartedBefore(number: number, until: Phase): OsbenchError {
    if (this.#dead?.boot === number) return this.#dead.error;
    const boot = this.#log.boots[number - 1];
    const what = `the machine restarted by itself in boot ${number} before it was ${until}`;
    const unexplained =
      this.#watchdog === undefined
        ? ({ id: "restarted", means: "the machine restarted by itself", fault: "image" } as const)
        : ({ id: "watchdog-reset", means: "a watchdog nobody fed ran out", fault: "image" } as const);
    const named = this.#watchdog === undefined ? what : `${what}: ${unexplained.means} (${unexplained.id})`;
    return failureOf({ code: "OSB_REBOOTED", what: named, boot, hits: this.signsOf(number), unexplained }, this.#watched);
  }

  async #overdue(overdue: Overdue): Promise<void> {
    const boot = this.#log.current;
    const phase = boot?.phase;
    if (!boot || !phase) return;
    const processors = await this.#watched
      .examine(lookMs)
      .catch((error: Error): Examination => ({ doing: "unknown", words: error.message }));
    if (this.#log.current !== boot || boot.phase !== phase) return;
    const end = stuck(overdue, phase, processors, this.#expected.median(phase), this.#watched.silentMs());
    if (end) this.#die({ ...end, processors });
  }

  #ends({ boot, signature: { ends, because } }: Hit): boolean {
    if (ends === "first-boot") return boot <= 1;
    if (ends === "explained") return this.signsOf(boot).some(({ signature }) => because.includes(signature.id));
    return ends;
  }

  /** `starved`: why the guest's own time-outs prove nothing. */
  #end(final: Hit, processors?: Examination, starved?: End["unexplained"]): void {
    const { id, means, fault } = final.signature;
    if (starved) this.#die({ code: "OSB_BOOT_DEAD", what: `${means} (${id}); ${starved.means}`, unexplained: starved, processors });
    else this.#die({ code: "OSB_BOOT_DEAD", what: means, final, unexplained: { id, means, fault }, processors });
  }

  #die(end: Omit<End, "boot" | "hits">): void {
    const boot = this.#log.current;
    // The first death counts: what a dead boot says is its last words.
    if (!boot || this.#dead?.boot === boot.number) return;
    this.#hang.end();
    clearTimeout(this.#panic);
    const error = failureOf({ ...end, boot, hits: this.signsOf(boot.number) }, this.#watched);
    this.#dead = { boot: boot.number, error };
    // Power that goes is no crash: the boot is off.
    if (this.#log.phase !== "off" && end.code !== "OSB_POWERED_OFF") this.#log.enter("crashed");
    this.#waiters.rejectUpTo(boot.number, error);
    this.#life.abort(error);
  }

  /** The signs met in that boot, in order, of each kind the first few. */
  signsOf(boot: number): Hit[] {
    return this.#hits.filter((hit) => hit.boot === boot);
  }
}
