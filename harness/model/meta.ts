import type { Failure, FoundCapability, MachineUse, Outcome } from "./record.ts";

/**
 * What a finished vitest test says about its cell, left under `task.meta.osbench`. Plain data: it crosses process borders.
 * While a test runs, and for ever if its worker dies, the outcome reads `error` with the reason that it did not finish.
 */
export interface CellMeta {
  /** Name of the evidence folder below `<run>/evidence/`; tests that share a machine share it. Absent when no machine was opened. */
  readonly cell?: string;
  readonly outcome: Outcome;
  /** Why, for not-applicable, not-run and error. */
  readonly reason?: string;
  readonly failure?: Failure;
  readonly machines: readonly MachineUse[];
  /** What the test needs of image and target, and how each was found; absent when it needs nothing. */
  readonly capabilities?: readonly FoundCapability[];
  /** Absolute path of the evidence folder. */
  readonly evidenceFolder?: string;
  /** sha256 of the YAML file the test was compiled from; absent for tests written in TypeScript. */
  readonly suiteDigest?: string;
  /** Name of the suite as the YAML says; absent for tests written in TypeScript. */
  readonly suite?: string;
}
