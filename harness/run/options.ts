import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** No single wait is meant to take this long: every one in a test has its own deadline. Milliseconds. */
const ceilingMs = 2 * 60 * 60_000;

/** What every vitest project that runs suites needs, whoever configures it: a process a file, killed with the run; machines closed in their own time. */
export const suiteTestOptions = {
  pool: "forks" as const,
  isolate: true,
  testTimeout: ceilingMs,
  hookTimeout: ceilingMs,
  teardownTimeout: 120_000,
  execArgv: ["--import", join(import.meta.dirname, `worker${extname(import.meta.filename)}`)],
};

/** Suites that lie outside of any package import this installation's vitest: another copy would know nothing of the run. */
export const suiteAliases = [{ find: /^vitest$/, replacement: fileURLToPath(import.meta.resolve("vitest")) }];
