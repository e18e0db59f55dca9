import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** Where bundles lie: what a bundle imports must be found from there. */
export const bundlesFolder: string = join(import.meta.dirname, "../../../node_modules/.osbench");
/** Names the bundle that was made last, below `bundlesFolder`. */
export const bundleFile = "bundle.json";

/** A file a bundle was made from, or consists of, as it was then. */
export type Source = readonly [path: string, bytes: number, changedMs: number];

export interface Bundle {
  /** Absolute path of the module to import instead of `cli/start.ts`. */
  readonly start: string;
  readonly sources: readonly Source[];
}

/**
 * The bundle of this very osbench and its packages: undefined if there is none, or if one file it was made from or consists of is another now, or gone. Times of
 * the inode's last change (ctime) count, which no copying tool can set. Never throws.
 */
export function freshBundle(folder: string = bundlesFolder): string | undefined {
  try {
    const { start, sources } = JSON.parse(readFileSync(join(folder, bundleFile), "utf8")) as Bundle;
    statSync(start);
    return sources.every(isSame) ? start : undefined;
  } catch {
    return undefined;
  }
}

function isSame([path, bytes, changedMs]: Source): boolean {
  const { size, ctimeMs } = statSync(path);
  return size === bytes && ctimeMs === changedMs;
}
