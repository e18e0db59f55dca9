import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ownFolder } from "../host/place.ts";
import { entryFile } from "../model/entries.ts";

/** No single wait is meant to take this long: every one in a test has its own deadline. Milliseconds. */
const ceilingMs = 2 * 60 * 60_000;

/** Modules of this installation that are not themselves tests. */
const harnessModules = new RegExp(
  `^(?:file://)?${join(ownFolder, "harness").replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}/(?!.*\\.test\\.[jt]s$).*\\.[jt]s$`,
);

/** What every vitest project that runs suites needs, whoever configures it: a process a file, killed with the run; machines closed in their own time. */
export const suiteTestOptions = {
  pool: "forks" as const,
  isolate: true,
  testTimeout: ceilingMs,
  hookTimeout: ceilingMs,
  teardownTimeout: 120_000,
  // The harness runs as it is: Node reads it from its compile cache, which takes a worker a fraction of the time to have it transformed.
  server: { deps: { external: [harnessModules] } },
  // As in scripts/node.sh.
  execArgv: ["--min-semi-space-size=16", "--import", entryFile("run/worker")],
};

/** Suites that lie outside of any package import this installation's vitest: another copy would know nothing of the run. */
export const suiteAliases = [{ find: /^vitest$/, replacement: fileURLToPath(import.meta.resolve("vitest")) }];
