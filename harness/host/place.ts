import { fileURLToPath } from "node:url";
import { cachePath } from "./cache.ts";

/** Absolute path of osbench's own folder (the checkout or the installed package), without a trailing slash. */
export const ownFolder: string = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/+$/, "");

/** Folders of the host that the toolbox's own tree covers. */
const covered = ["/usr/", "/etc/"];

/** Says whether the toolbox's /usr or /etc lies over this path of the host. */
export function isCovered(path: string): boolean {
  return covered.some((folder) => `${path}/`.startsWith(folder));
}

/**
 * Folders of the host below /usr or /etc that tools must see nevertheless: osbench itself (a global npm install lies there), its cache and
 * the folder it was started in. `openTools` makes mount points for them.
 */
export function uncovered(): string[] {
  return [...new Set([ownFolder, cachePath(), process.cwd()])].filter(isCovered).sort();
}
