import type { Hit } from "../diagnosis/matcher.ts";
import { ClaimFailed, HarnessError, type OsbenchError } from "../model/errors.ts";
import { before, type Phase } from "../model/phase.ts";
import type { BootInProgress, BootLog } from "./boot-log.ts";
import type { Expectations } from "./expected.ts";

/** What the watch needs to show when a boot fails. */
export interface Picture {
  screen(): string;
  /** The last lines of the console since the position. */
  lastLines(from: number): string;
  examine(): Promise<string>;
}

interface Waiter {
  readonly boot: number;
  readonly until: Phase;
  resolve(boot: BootInProgress): void;
  reject(error: Error): void;
}

/**
 * Lets callers wait for a phase of a boot and ends every such wait the moment the boot can no longer reach it: a console
 * line that ends boots, a panic, power gone, a restart, a phase that takes far longer than it ever did.
 */
export class BootWatch {
  readonly #log: BootLog;
  readonly #expected: Expectations;
  readonly #picture: Picture;
  readonly #waiters = new Set<Waiter>();
  readonly #hits: Hit[] = [];
  #stuck: NodeJS.Timeout | undefined;
  #dead: { readonly boot: number; readonly error: OsbenchError } | undefined;

  constructor(log: BootLog, expected: Expectations, picture: Picture) {
    this.#log = log;
    this.#expected = expected;
    this.#picture = picture;
    log.on("phase", (boot, phase) => this.#onPhase(boot, phase));
  }

  /** Resolves once that boot (by number; it may not have begun) reached the phase. Rejects with what ended it, or the signal's reason. */
  async reached(boot: number, until: Phase, signal: AbortSignal): Promise<BootInProgress> {
    const now = this.#log.boots[boot - 1];
    if (this.#dead?.boot === boot) throw this.#dead.error;
    if (now && !before(now.furthest, until)) return now;
    if (this.#log.boots.length > boot) throw this.#restartedBefore(boot, until);
    return await new Promise((resolve, reject) => {
      const settle = () => {
        this.#waiters.delete(waiter);
        signal.removeEventListener("abort", abort);
      };
      const abort = () => (settle(), reject(signal.reason as Error));
      const waiter: Waiter = {
        boot,
        until,
        resolve: (reachedBoot) => (settle(), resolve(reachedBoot)),
        reject: (error) => (settle(), reject(error)),
      };
      this.#waiters.add(waiter);
      if (signal.aborted) abort();
      else signal.addEventListener("abort", abort, { once: true });
    });
  }

  hit(hit: Hit): void {
    this.#hits.push(hit);
    if (!hit.signature.ends) return;
    const { signature } = hit;
    // Told before the boot counts as crashed: which phase it died in is half of the diagnosis.
    const failure = this.#failure("OSB_BOOT_DEAD", `${signature.means} (${signature.id})`, signature.hint);
    this.#log.enter("crashed");
    this.#die(failure);
  }

  panicked(): void {
    const failure = this.#failure("OSB_PANIC", "the guest's kernel panicked");
    this.#log.enter("crashed");
    this.#die(failure);
  }

  poweredOff(reason: string, by: "guest" | "plug" | "broken"): void {
    const error =
      by === "broken"
        ? new HarnessError("OSB_QEMU_DIED", reason, { evidence: { screen: this.#picture.screen() } })
        : this.#failure("OSB_POWERED_OFF", `the machine lost power: ${reason}`);
    this.#die(error);
    this.#log.end();
  }

  /** Gives up every wait, for instance because the machine is disposed of. */
  close(reason: Error): void {
    clearTimeout(this.#stuck);
    for (const waiter of [...this.#waiters]) waiter.reject(reason);
  }

  #onPhase(boot: BootInProgress, phase: Phase): void {
    clearTimeout(this.#stuck);
    if (phase === "firmware") this.#restarted(boot);
    for (const waiter of [...this.#waiters]) {
      if (waiter.boot === boot.number && !before(boot.furthest, waiter.until)) waiter.resolve(boot);
    }
    if (before("off", phase) && before(phase, "ready")) this.#expectMore(boot, phase);
  }

  #restarted(boot: BootInProgress): void {
    for (const waiter of [...this.#waiters]) {
      if (waiter.boot >= boot.number) continue;
      waiter.reject(this.#restartedBefore(waiter.boot, waiter.until));
    }
  }

  #restartedBefore(boot: number, until: Phase): ClaimFailed {
    const what = `the machine restarted by itself in boot ${boot} before it was ${until}`;
    return this.#failure("OSB_REBOOTED", what, undefined, this.#log.boots[boot - 1]);
  }

  #expectMore(boot: BootInProgress, phase: Phase): void {
    const limit = this.#expected.limit(phase);
    const usual = this.#expected.median(phase);
    this.#stuck = setTimeout(() => {
      void this.#picture.examine().then(
        (cpus) => this.#stuckIn(boot, phase, limit, usual, cpus),
        (error: unknown) => this.#stuckIn(boot, phase, limit, usual, String(error)),
      );
    }, limit);
  }

  #stuckIn(boot: BootInProgress, phase: Phase, limit: number, usual: number | undefined, cpus: string): void {
    if (this.#log.current !== boot || boot.phase !== phase) return;
    const known = usual === undefined ? "no earlier boot to compare with" : `usually ${(usual / 1000).toFixed(1)} s`;
    this.#die(
      this.#failure("OSB_STUCK", `${phase} phase not over after ${(limit / 1000).toFixed(0)} s (${known})`, undefined, boot, { cpus }),
    );
  }

  #die(error: OsbenchError): void {
    const boot = this.#log.current;
    if (!boot) return;
    clearTimeout(this.#stuck);
    this.#dead = { boot: boot.number, error };
    for (const waiter of [...this.#waiters]) if (waiter.boot <= boot.number || this.#log.phase === "crashed") waiter.reject(error);
  }

  #failure(code: string, what: string, hint?: string, boot = this.#log.current, more: Record<string, string> = {}): ClaimFailed {
    const start = boot?.consoleStart ?? 0;
    const earlier = this.#hits.filter((hit) => hit.offset >= start);
    const evidence: Record<string, string> = { ...more };
    if (earlier.length > 0)
      evidence["signs on the console"] = earlier.map((hit) => `${hit.signature.id}: ${hit.signature.means}\n    ${hit.line}`).join("\n");
    evidence["last console lines"] = this.#picture.lastLines(start);
    evidence["last screen"] = this.#picture.screen();
    // A machine that restarted has left the phase that matters.
    const where = boot ? ` in boot ${boot.number}, ${boot.phase === "off" ? boot.furthest : boot.phase} phase` : "";
    const advice = hint ?? earlier.find((hit) => hit.signature.hint)?.signature.hint;
    return new ClaimFailed(code, `${what}${where}`, { evidence, ...(advice === undefined ? {} : { hint: advice }) });
  }
}
