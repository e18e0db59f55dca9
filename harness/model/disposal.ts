/**
 * Owns resources and gives them back in reverse order, each exactly once, going on past failures.
 * (Node 22 has no AsyncDisposableStack yet.) Throws an AggregateError if more than one release failed.
 */
export class Disposal implements AsyncDisposable {
  readonly #releases: (() => unknown)[] = [];

  /** Registers a release and returns nothing; runs it at disposal. */
  defer(release: () => unknown): void {
    this.#releases.push(release);
  }

  /** Takes ownership of a disposable and returns it. */
  use<T extends AsyncDisposable>(resource: T): T {
    this.defer(() => resource[Symbol.asyncDispose]());
    return resource;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const failures: unknown[] = [];
    for (let release = this.#releases.pop(); release; release = this.#releases.pop()) {
      try {
        await release();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length === 1) throw failures[0];
    if (failures.length > 1) throw new AggregateError(failures, "several resources failed to close");
  }
}
