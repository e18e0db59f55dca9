/** Enter, and now and then a question to a shell without a prompt: what brings a getty back that said nothing, ever more seldom. */
const nudgesMs = [300, 2000, 3000, 4000, 6000, 10_000, 15_000] as const;
/** Longer than a refusal is put off as a rule: three seconds. Source: login.defs(5), FAIL_DELAY; pam_faildelay(8). */
const patient = 4;

/** What is typed at a line that says nothing. */
export class Nudges {
  #count = 0;

  /** Milliseconds of quiet before the next one. */
  get quietMs(): number {
    return nudgesMs[Math.min(this.#count, nudgesMs.length - 1)] as number;
  }

  /** Whether something was typed, so that a getty may have taken it for a name. */
  get begun(): boolean {
    return this.#count > 0;
  }

  /** Counts one more, and says how many that makes. */
  count(): number {
    return ++this.#count;
  }

  /** A getty that refuses takes its time, and takes for a name what is typed meanwhile: the next one comes after that. */
  putOff(): void {
    this.#count = Math.max(this.#count, patient);
  }
}
