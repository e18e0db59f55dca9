import type { Console } from "../console/console.ts";

/** What a dead boot may still have to say: the rest of its last words. Milliseconds. */
const lastWordsMs = 500;
/** Who expects something so soon after typing expects the answer. Milliseconds. */
const typedBeforeMs = 60_000;

/**
 * Aborts, with the reason, a moment after the boot died, so that what is expected may be among its last words. Somebody who types into a boot that
 * is dead already talks with what is left there (a rescue shell, a loader's prompt): then it never aborts.
 */
export function lastWords(life: AbortSignal, console: Pick<Console, "lastInput">): { readonly signal: AbortSignal; clear(): void } {
  const controller = new AbortController();
  const wasDead = life.aborted;
  const asked = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const died = () => {
    timer = setTimeout(() => {
      if (!wasDead || console.lastInput < asked - typedBeforeMs) controller.abort(life.reason);
    }, lastWordsMs);
  };
  if (wasDead) died();
  else life.addEventListener("abort", died, { once: true });
  return {
    signal: controller.signal,
    clear: () => {
      clearTimeout(timer);
      life.removeEventListener("abort", died);
    },
  };
}
