/** Work that several callers wait for, each with a signal of their own. It is given up, with the last caller's reason, when nobody waits for it any more. */
export class Joint<T> {
  readonly #work: Promise<T>;
  readonly #nobody = new AbortController();
  #waiting = 0;
  #settled = false;
  #result: T | undefined;

  constructor(work: (signal: AbortSignal) => Promise<T>) {
    this.#work = work(this.#nobody.signal);
    this.#work.then(
      (result) => {
        this.#settled = true;
        this.#result = result;
      },
      () => (this.#settled = true),
    );
  }

  /** Whether everybody has given up: whoever comes now must begin anew. */
  get abandoned(): boolean {
    return this.#nobody.signal.aborted;
  }

  /** What came of the work, once it is done. */
  get result(): T | undefined {
    return this.#result;
  }

  /** The work's own end, whoever waits for it. */
  get ended(): Promise<T> {
    return this.#work;
  }

  /** Resolves or rejects as the work does; rejects with the signal's reason as soon as that aborts. */
  async wait(signal: AbortSignal): Promise<T> {
    this.#waiting++;
    let abort: () => void = () => {};
    const aborted = new Promise<never>((_, reject) => {
      abort = () => reject(signal.reason as Error);
      if (signal.aborted) abort();
      else signal.addEventListener("abort", abort, { once: true });
    });
    try {
      return await Promise.race([this.#work, aborted]);
    } finally {
      signal.removeEventListener("abort", abort);
      if (--this.#waiting === 0 && !this.#settled) this.#nobody.abort(signal.reason);
    }
  }
}
