import { runChecks } from "./checks.ts";

/** `npm run check`: everything that can be said about the sources without running them. */
process.exitCode = (await runChecks()) ? 0 : 1;
