import { relative } from "node:path";
import type { TestCase } from "vitest/node";
import type { CellMeta } from "../model/meta.ts";
import type { Failure, Outcome } from "../model/record.ts";
import { failureOf, outcomeOf, type SeenError } from "../model/thrown.ts";
import type { Verdict } from "./ledger.ts";

/** What vitest knows about a finished test, without vitest. */
export interface Finished {
  readonly state: "passed" | "failed" | "skipped" | "pending";
  readonly errors: readonly ThrownError[];
  /** Errors of each earlier try that did not hold, where the suite's file asks for several. */
  readonly earlier?: readonly (readonly ThrownError[])[];
  readonly note?: string | undefined;
  readonly meta: CellMeta | undefined;
}

/** An error that came from a worker. */
export interface ThrownError extends SeenError {
  readonly message: string;
  readonly stacks?: readonly { file: string; line: number; column: number }[] | undefined;
}

export function finishedOf(test: TestCase): Finished {
  const result = test.result();
  const meta = (test.meta() as { osbench?: CellMeta }).osbench;
  return {
    state: result.state,
    errors: result.state === "failed" ? (result.errors as readonly ThrownError[]) : [],
    earlier: result.state === "passed" ? failedTries(test) : [],
    note: result.state === "skipped" ? result.note : undefined,
    meta,
  };
}

function failedTries(test: TestCase): (readonly ThrownError[])[] {
  return test
    .attempts()
    .filter(({ state }) => state === "failed")
    .map(({ errors }) => (errors ?? []) as readonly ThrownError[]);
}

/**
 * Decides a cell's outcome. The worker's own word counts unless vitest saw worse: a pass that vitest does not confirm (a machine that could
 * not be closed, a lost test) is the harness's error. Only an assertion, or an error that blames the image, makes a `fail`.
 */
export function verdictOf({ state, errors, earlier = [], note, meta }: Finished): Verdict {
  const machines = {
    machines: [...(meta?.machines ?? [])],
    ...(meta?.capabilities && { capabilities: [...meta.capabilities] }),
  };
  // Another try must not wash a claim clean that failed; what the harness spoilt may be tried again.
  const failed = earlier.filter((tries) => tries.every((one) => outcomeOf(one) === "fail"));
  if (state === "passed" && failed.length > 0) {
    const { message, ...rest } = failed[0]?.[0] === undefined ? { message: "without an error", details: {} } : thrown(failed[0][0]);
    const times = `failed ${failed.length} of ${earlier.length + 1} times, then held`;
    return { outcome: "fail", ...machines, failure: { ...rest, message: `${times}: ${message}` } };
  }
  if (meta && confirmed(meta.outcome, state, errors)) {
    return {
      outcome: meta.outcome,
      ...machines,
      ...(meta.reason !== undefined && { reason: meta.reason }),
      ...(meta.failure && { failure: meta.failure }),
    };
  }
  if (state === "passed") {
    if (meta === undefined) return { outcome: "pass", ...machines };
    return error(machines, `the test runner says passed, the test itself left "${meta.outcome}"`, meta);
  }
  if (state === "skipped") return { outcome: "not-run", reason: note ?? meta?.reason ?? "skipped in the suite's own file", ...machines };
  if (state === "pending") return error(machines, meta?.reason ?? "the test never finished", meta);
  const worst = errors.find((one) => outcomeOf(one) === "error") ?? errors[0];
  if (worst === undefined) return error(machines, "the test failed without an error", meta);
  const outcome = outcomeOf(worst);
  const reason =
    outcome === "not-applicable"
      ? worst.message
      : outcome === "error" && meta?.outcome === "pass"
        ? "every claim held; then the harness failed"
        : undefined;
  return { outcome, ...machines, ...(reason !== undefined && { reason }), failure: thrown(worst) };
}

function error(machines: Pick<Verdict, "machines" | "capabilities">, message: string, meta: CellMeta | undefined): Verdict {
  return { outcome: "error", ...machines, failure: meta?.failure ?? { message, details: {} } };
}

/** Whether vitest's view agrees with what the worker left. */
function confirmed(outcome: Outcome, state: Finished["state"], errors: readonly ThrownError[]): boolean {
  if (outcome === "pass") return state === "passed";
  if (outcome === "not-applicable") return state === "skipped" || (state === "failed" && errors.every((one) => outcomeOf(one) === outcome));
  return state === "failed" || (outcome === "not-run" && state === "skipped");
}

function thrown(thrownError: ThrownError): Failure {
  const [frame] = thrownError.stacks ?? [];
  return { ...failureOf(thrownError), ...(frame && { at: `${relative("", frame.file)}:${frame.line}:${frame.column}` }) };
}
