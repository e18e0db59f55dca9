/** What a suite written in TypeScript imports: vitest's own `test` and `expect`, with a machine in every test. */
export { test } from "./suite/fixture.ts";
export { describe, expect } from "vitest";
export type { Machine, MachineConsole, WaitOptions } from "./machine/machine.ts";
export type { Boot, Phase } from "./model/phase.ts";
export type { CommandResult, RunOptions, Shell, Way } from "./model/shell.ts";
export type { OsAdapter } from "./os/adapter.ts";
export { ClaimFailed, HarnessError, NotApplicable } from "./model/errors.ts";
