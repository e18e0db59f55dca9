import type { SeenCell } from "./seen.ts";

/** What of an image is to be released, as far as outcomes say. */
export interface NewestBuild {
  /** Of the newest build in the cell's target: each architecture has its own. */
  readonly digest: string | undefined;
  /** Of the newest build in any target: a release is of one version. */
  readonly version: string | undefined;
}

/** Finds the newest build of each image: what the gate is about. */
export function newestBuilds(cells: readonly SeenCell[]): (cell: Pick<SeenCell, "image" | "target">) => NewestBuild {
  const digests = new Map<string, Map<string, Dated>>();
  const versions = new Map<string, Dated>();
  for (const { image, target, seen } of cells) {
    const targets = digests.get(image) ?? new Map<string, Dated>();
    digests.set(image, targets);
    for (const { digest, version, started } of seen) {
      const at = Date.parse(started);
      if (digest !== undefined && at >= (targets.get(target)?.at ?? -Infinity)) targets.set(target, { is: digest, at });
      if (version !== "" && at >= (versions.get(image)?.at ?? -Infinity)) versions.set(image, { is: version, at });
    }
  }
  return ({ image, target }) => ({ digest: digests.get(image)?.get(target)?.is, version: versions.get(image)?.is });
}

interface Dated {
  readonly is: string;
  readonly at: number;
}
