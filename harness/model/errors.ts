import type { Diagnosis } from "./record.ts";

/** Whose fault a failure is decides its outcome, so every error thrown on purpose is one of these classes. */
export type Fault = "image" | "harness" | "input" | "not-applicable";

export interface ErrorDetails {
  /** What a person should try next, in one sentence. */
  readonly hint?: string;
  /** Evidence by title: text (a command's output, the last screen) or a path. Shown below the message and kept in the record. */
  readonly evidence?: Readonly<Record<string, string>>;
  /** What was recognised as the cause, and whose fault it is. */
  readonly diagnosis?: Diagnosis;
  readonly cause?: unknown;
}

/**
 * Base of every failure osbench throws itself. `code` is stable (`OSB_…`), `fault` names who is to blame:
 * `image` becomes outcome `fail`, `harness` becomes `error`, `not-applicable` becomes `not-applicable`.
 */
export class OsbenchError extends Error {
  readonly code: string;
  readonly fault: Fault;
  readonly hint: string | undefined;
  readonly evidence: Readonly<Record<string, string>>;
  readonly diagnosis: Diagnosis | undefined;

  constructor(fault: Fault, code: string, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.fault = fault;
    this.code = code;
    this.hint = details.hint;
    this.evidence = details.evidence ?? {};
    this.diagnosis = details.diagnosis;
  }
}

/** The image under test did not do what is claimed. The only class that may become outcome `fail`. */
export class ClaimFailed extends OsbenchError {
  constructor(code: string, message: string, details?: ErrorDetails) {
    super("image", code, message, details);
  }
}

/** The harness, the host or a tool broke. Never counted against the image. */
export class HarnessError extends OsbenchError {
  constructor(code: string, message: string, details?: ErrorDetails) {
    super("harness", code, message, details);
  }
}

/** A capability is missing; carries which one and how that was found. */
export class NotApplicable extends OsbenchError {
  readonly capability: string;
  constructor(capability: string, reason: string, details?: ErrorDetails) {
    super("not-applicable", "OSB_NOT_APPLICABLE", `${capability}: ${reason}`, details);
    this.capability = capability;
  }
}

/** A position in a file a person wrote; line and column count from 1. */
export interface Position {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

/** One thing wrong in what the user gave: where it stands (file or flag), what is wrong, what would be right. */
export interface Problem {
  readonly at: Position | { readonly flag: string };
  readonly what: string;
  readonly remedy?: string;
  /** The source line with a caret, when there is one. */
  readonly frame?: string;
}

export function formatProblem(problem: Problem): string {
  const at = problem.at;
  const where =
    "flag" in at ? at.flag : [at.file, at.line, at.line === undefined ? undefined : at.column].filter((p) => p !== undefined).join(":");
  return [`${where}: ${problem.what}`, problem.frame, problem.remedy && `  ${problem.remedy}`].filter(Boolean).join("\n");
}

/** What the user gave is wrong. Thrown before any machine starts, with every problem found, not only the first. */
export class InputError extends OsbenchError {
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[], code = "OSB_INPUT") {
    super("input", code, problems.map(formatProblem).join("\n"));
    this.problems = problems;
  }
}
