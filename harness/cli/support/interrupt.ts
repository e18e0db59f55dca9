/** Aborts at Ctrl-C or SIGTERM, so that work ends in order; a second Ctrl-C ends the process at once. */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  const stop = () => controller.abort(new DOMException("interrupted", "AbortError"));
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, stop);
  return controller.signal;
}
