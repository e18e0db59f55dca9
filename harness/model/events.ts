import type { Phase } from "./phase.ts";

/** What machines tell whoever watches a run, as it happens. One JSON object a line on the run's bus. Times are milliseconds since the epoch. */
export type MachineEvent = { readonly machine: string; readonly cell: string; readonly at: number } & (
  | { readonly type: "opened"; readonly image: string; readonly target: string }
  | { readonly type: "phase"; readonly phase: Phase; readonly boot: number; readonly expectedMs: number | undefined }
  /** The console bore a known sign; `ends`: after it, no boot goes on. */
  | { readonly type: "sign"; readonly id: string; readonly means: string; readonly ends: boolean; readonly line: string }
  | { readonly type: "step"; readonly text: string }
  | { readonly type: "closed" }
);
