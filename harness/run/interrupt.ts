/** A person or a service manager asked the run to end. */
export interface Interruption extends Disposable {
  /** Aborts at the first request. */
  readonly signal: AbortSignal;
  /** Why the run is being ended, once it is. */
  reason(): string | undefined;
  /** What the process exits with, once there was one: 130, as for Ctrl-C in every shell. */
  exitCode(): number | undefined;
}

const watched = { SIGINT: "Ctrl-C", SIGTERM: "SIGTERM", SIGHUP: "a closed terminal" } as const;

export const interruptedCode = 130;

export interface InterruptionOptions {
  /** Called at the first request, to say that machines are being closed. */
  readonly onFirst?: (words: string) => void;
  /** Ends the process; replaceable for tests. */
  readonly exit?: (code: number) => void;
}

/**
 * Takes over SIGINT, SIGTERM and SIGHUP, from vitest too: its handlers end the process before any machine is closed. The first asks the run to
 * end in order, the second ends the process at once; machines then die with their workers.
 */
export function watchInterruption(options: InterruptionOptions = {}): Interruption {
  const controller = new AbortController();
  const exit = options.exit ?? ((code: number) => process.exit(code));
  let first: keyof typeof watched | undefined;
  const hear = (signal: NodeJS.Signals) => {
    const known = signal as keyof typeof watched;
    if (first !== undefined) return exit(interruptedCode);
    first = known;
    options.onFirst?.(watched[known]);
    controller.abort(new Error(`the run was interrupted by ${watched[known]}`));
  };
  const names = Object.keys(watched) as (keyof typeof watched)[];
  for (const name of names) process.on(name, hear);
  return {
    signal: controller.signal,
    reason: () => (first === undefined ? undefined : `the run was interrupted by ${watched[first]}`),
    exitCode: () => (first === undefined ? undefined : interruptedCode),
    [Symbol.dispose]: () => {
      for (const name of names) process.off(name, hear);
    },
  };
}

/** Removes the signal handlers that were added while `work` ran: vitest adds some that exit at once. */
export async function withoutNewHandlers<T>(work: () => Promise<T>): Promise<T> {
  const before = new Map((["SIGINT", "SIGTERM"] as const).map((name) => [name, new Set(process.listeners(name))]));
  const result = await work();
  for (const [name, known] of before) {
    for (const listener of process.listeners(name)) if (!known.has(listener)) process.off(name, listener);
  }
  return result;
}
