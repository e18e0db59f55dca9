import { createRequire } from "node:module";
import { extname, join } from "node:path";

/** Modules that are loaded by their path, by vitest or by a process of its own, instead of being imported. */
export type Entry = "index" | "suite/runtime" | "run/worker" | "run/global-setup";

/**
 * Absolute path of such a module. In a bundle this module is replaced by one that names the bundle's own files: a process must never load a module
 * from both.
 */
export function entryFile(name: Entry): string {
  return join(import.meta.dirname, "..", `${name}${extname(import.meta.filename)}`);
}

/** Loads a package that few need, or all of them late, when it is needed: in a bundle, the bundle's own file of it. */
export function requirePackage(name: "execa" | "log-update"): unknown {
  return createRequire(import.meta.url)(name);
}
