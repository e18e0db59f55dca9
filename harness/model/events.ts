import type { CellMeta } from "./meta.ts";
import type { Phase } from "./phase.ts";

/** What machines tell whoever watches a run, as it happens. One JSON object a line on the run's bus. Times are milliseconds since the epoch. */
export type MachineEvent = { readonly machine: string; readonly cell: string; readonly at: number } & (
  | { readonly type: "opened"; readonly image: string; readonly target: string }
  | { readonly type: "phase"; readonly phase: Phase; readonly boot: number; readonly expectedMs: number | undefined }
  /** The console bore a known sign; `ends`: after it, no boot goes on. */
  | { readonly type: "sign"; readonly id: string; readonly means: string; readonly ends: boolean; readonly line: string }
  | { readonly type: "step"; readonly text: string }
  /** A test is over but its machine is kept for people. `test` is the test runner's name for it, `meta` what the test left for its record. */
  | {
      readonly type: "paused";
      /** When the test began, in milliseconds since 1970. */
      readonly began: number;
      readonly test: string;
      readonly meta: CellMeta;
      /** What the machine is attached by. */
      readonly name: string;
      readonly reason: string;
      /** A command line, if it has SSH. */
      readonly ssh: string | undefined;
    }
  | { readonly type: "resumed"; readonly name: string; readonly why: string }
  | { readonly type: "closed" }
);
