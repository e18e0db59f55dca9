import { diagnosed, type Failure, type Outcome } from "../model/record.ts";

/** What is left of an error when vitest has passed it through structured cloning. */
export interface SeenError {
  readonly name?: string;
  readonly message?: string;
  readonly code?: unknown;
  readonly fault?: unknown;
  readonly capability?: unknown;
  readonly hint?: unknown;
  readonly evidence?: unknown;
  readonly diagnosis?: unknown;
  readonly stack?: string;
}

export interface Classified {
  readonly outcome: Outcome;
  readonly reason?: string;
  readonly failure?: Failure;
}

/**
 * Whose fault an error is. Only ClaimFailed and a failed vitest assertion speak against the image; NotApplicable says that nothing was
 * claimed; everything else, our own TypeErrors and vitest's time-outs included, is the harness's. Looks at what the error says of
 * itself and not at its class: the class may come from another copy of this module, or have been lost on the way.
 */
export function classify(error: SeenError): Classified {
  const message = error.message ?? String(error);
  if (error.fault === "not-applicable") return { outcome: "not-applicable", reason: message };
  const imageFault = error.fault === "image" || (error.fault === undefined && error.name === "AssertionError");
  const details = typeof error.evidence === "object" && error.evidence !== null ? Object.entries(error.evidence) : [];
  const failure: Failure = {
    message,
    ...(typeof error.code === "string" && { code: error.code }),
    ...(typeof error.hint === "string" && { hint: error.hint }),
    ...diagnosed(error.diagnosis),
    details: Object.fromEntries(details.map(([title, text]) => [title, String(text)])),
  };
  if (imageFault) return { outcome: "fail", failure };
  const stack = error.fault === undefined && error.stack ? { ...failure, details: { ...failure.details, stack: error.stack } } : failure;
  return { outcome: "error", reason: `${error.name ?? "Error"}: ${message}`, failure: stack };
}

/** An error as `classify` reads it; anything may be thrown. */
export function seenError(error: unknown): SeenError {
  if (typeof error === "object" && error !== null && "message" in error) return error as SeenError;
  return { name: "thrown value", message: String(error) };
}
