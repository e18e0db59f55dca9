import type { Failure, Outcome } from "../model/record.ts";
import { mappedStack } from "../model/stack.ts";
import { failureOf, outcomeOf, type SeenError } from "../model/thrown.ts";

export interface Classified {
  readonly outcome: Outcome;
  readonly reason?: string;
  readonly failure?: Failure;
}

/** What a test that ended with this error says of its cell. */
export function classify(error: SeenError): Classified {
  const outcome = outcomeOf(error);
  const failure = failureOf(error);
  if (outcome === "not-applicable") return { outcome, reason: failure.message };
  if (outcome === "fail") return { outcome, failure };
  // What nobody threw on purpose is a bug of ours: where it came from matters most.
  const stack =
    error.fault === undefined && error.stack ? { ...failure, details: { ...failure.details, stack: mappedStack(error.stack) } } : failure;
  return { outcome, reason: `${error.name ?? "Error"}: ${failure.message}`, failure: stack };
}
