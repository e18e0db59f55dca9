import { diagnosed, type Failure, type Outcome } from "./record.ts";

/** What is left of an error when vitest has passed it through structured cloning: class names survive, classes do not. */
export interface SeenError {
  readonly name?: string | undefined;
  readonly message?: string | undefined;
  readonly code?: unknown;
  readonly fault?: unknown;
  readonly capability?: unknown;
  readonly hint?: unknown;
  readonly evidence?: unknown;
  readonly diagnosis?: unknown;
  readonly stack?: string | undefined;
}

/** An error as the others here read it; anything may be thrown. */
export function seenError(error: unknown): SeenError {
  if (typeof error === "object" && error !== null && "message" in error) return error as SeenError;
  return { name: "thrown value", message: String(error) };
}

/**
 * Whose fault an error is. Only ClaimFailed and a failed assertion speak against the image; NotApplicable says that nothing was claimed; everything
 * else, our own TypeErrors and vitest's time-outs included, is the harness's. Looks at what the error says of itself and not at its class: the class
 * may come from another copy of a module, or have been lost on the way.
 */
export function outcomeOf({ fault, name, code }: SeenError): Extract<Outcome, "fail" | "not-applicable" | "error"> {
  if (fault === "image") return "fail";
  if (fault === "not-applicable") return "not-applicable";
  if (fault !== undefined) return "error";
  return name === "AssertionError" || code === "ERR_ASSERTION" ? "fail" : "error";
}

/** What a record keeps of an error. */
export function failureOf(error: unknown): Failure {
  const { message, code, hint, evidence, diagnosis } = seenError(error);
  const details = typeof evidence === "object" && evidence !== null ? Object.entries(evidence) : [];
  return {
    message: typeof message === "string" ? message : String(error),
    ...(typeof code === "string" && { code }),
    ...(typeof hint === "string" && { hint }),
    ...diagnosed(diagnosis),
    details: Object.fromEntries(details.map(([title, text]) => [title, String(text)])),
  };
}
