import { NotApplicable } from "../model/errors.ts";
import type { OsAdapter } from "./adapter.ts";
import { SystemdSystem } from "./systemd.ts";

/** An image without an updater: it has a version and a health; every question about updates is not applicable. */
export class NoUpdater extends SystemdSystem implements OsAdapter {
  readonly family = "none";

  publish(): Promise<never> {
    return this.#missing();
  }
  available(): Promise<never> {
    return this.#missing();
  }
  install(): Promise<never> {
    return this.#missing();
  }
  installed(): Promise<never> {
    return this.#missing();
  }
  staged(): Promise<never> {
    return this.#missing();
  }
  slots(): Promise<never> {
    return this.#missing();
  }
  slotDigest(): Promise<never> {
    return this.#missing();
  }
  entries(): Promise<never> {
    return this.#missing();
  }
  entryDigest(): Promise<never> {
    return this.#missing();
  }
  defaultEntry(): Promise<never> {
    return this.#missing();
  }
  assessment(): Promise<never> {
    return this.#missing();
  }
  rollback(): Promise<never> {
    return this.#missing();
  }

  async #missing(): Promise<never> {
    throw new NotApplicable("updates", `the manifest of ${this.machine.image.name} says os: none, which has no updater`);
  }
}
