import type { CellName, SeenCell } from "./seen.ts";

/** What of an image is to be released, as far as outcomes say. */
export interface NewestBuild {
  /** Of the newest build in the cell's target: each architecture has its own. */
  readonly digest: string | undefined;
  /** Of the newest build in any target: a release is of one version. */
  readonly version: string | undefined;
}

/** Finds the newest build of each image: what the gate is about. */
export class NewestBuilds {
  readonly #digests = new Map<string, Map<string, Dated>>();
  readonly #versions = new Map<string, Dated>();

  add({ image, target, seen }: SeenCell): void {
    const targets = this.#digests.get(image) ?? new Map<string, Dated>();
    this.#digests.set(image, targets);
    for (const { digest, version, started } of seen) {
      const at = Date.parse(started);
      if (digest !== undefined && at >= (targets.get(target)?.at ?? -Infinity)) targets.set(target, { is: digest, at });
      if (version !== "" && at >= (this.#versions.get(image)?.at ?? -Infinity)) this.#versions.set(image, { is: version, at });
    }
  }

  of({ image, target }: Pick<CellName, "image" | "target">): NewestBuild {
    return { digest: this.#digests.get(image)?.get(target)?.is, version: this.#versions.get(image)?.is };
  }
}

interface Dated {
  readonly is: string;
  readonly at: number;
}
