import { HarnessError } from "./errors.ts";

/** A time limit joined with a caller's signal. */
export interface Deadline {
  readonly signal: AbortSignal;
  clear(): void;
  /** Turns the abort of this deadline into an error that says what was waited for; other errors pass unchanged. */
  explain(error: unknown, evidence?: () => Readonly<Record<string, string>>): unknown;
}

class DeadlinePassed extends Error {}

/** Whether a signal's reason says that time is up, not that somebody ended the wait or the machine made it pointless. */
export function isTimeout(reason: unknown): boolean {
  return reason instanceof DeadlinePassed || (reason instanceof DOMException && reason.name === "TimeoutError");
}

/** Starts a time limit of `ms` milliseconds for what `waitedFor` names. */
export function deadline(waitedFor: string, ms: number, outer?: AbortSignal): Deadline {
  const controller = new AbortController();
  const passed = new DeadlinePassed();
  const timer = setTimeout(() => controller.abort(passed), ms);
  return {
    signal: outer ? AbortSignal.any([controller.signal, outer]) : controller.signal,
    clear: () => clearTimeout(timer),
    explain: (error, evidence) =>
      reasonOf(error) === passed
        ? new HarnessError("OSB_TIMEOUT", `waited ${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s for ${waitedFor}`, {
            evidence: evidence?.() ?? {},
          })
        : reasonOf(error),
  };
}

/** Node's own waits (events.once, timers) wrap a signal's reason in an AbortError. */
function reasonOf(error: unknown): unknown {
  return error instanceof Error && error.name === "AbortError" && error.cause !== undefined ? error.cause : error;
}

/** Resolves or rejects as the promise does, or rejects with the signal's reason as soon as that aborts; the promise may go on. */
export async function unless<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return await new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error);
    if (signal.aborted) return abort();
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
