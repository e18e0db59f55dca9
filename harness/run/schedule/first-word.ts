import type { EarlyRequest } from "../../suite/early.ts";

/** Argument of a worker that was started before the run was planned: it waits for its first word before it becomes one of vitest's. */
export const spareWord = "spare";

/** The first message such a worker is sent. */
export interface FirstWord {
  /** The machine its first test will ask for, where that is known. */
  readonly request: EarlyRequest | undefined;
}
