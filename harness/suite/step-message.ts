import type { CommandResult } from "../model/shell.ts";
import { formatDuration } from "./duration.ts";

/** What is known about a step that failed. */
export interface StepFailure {
  readonly message: string;
  readonly step: string;
  readonly hint: string | undefined;
  readonly evidence: Readonly<Record<string, string>>;
  /** The last command the step ran, if any. */
  readonly command: CommandResult | undefined;
  readonly screen: string;
  readonly evidenceFolder: string | undefined;
}

const mostLines = 20;

/** The parts of a failed step that a record keeps, by title. */
export function failureDetails(failure: StepFailure): Readonly<Record<string, string>> {
  const { command } = failure;
  return {
    step: failure.step,
    ...failure.evidence,
    ...(command && {
      command: command.command,
      "exit code": `${command.code} after ${formatDuration(command.durationMs)}`,
      stdout: command.stdout,
      stderr: command.stderr,
    }),
    ...(failure.screen.trim() !== "" && { screen: failure.screen }),
  };
}

/** The text vitest shows for a failed step: what was claimed, then everything needed to see why, long parts cut to their end. */
export function formatStepFailure(failure: StepFailure): string {
  const parts = Object.entries(failureDetails(failure)).filter(([, text]) => text.trim() !== "");
  const tail = [
    ...parts.map(([title, text]) => formatPart(title, text)),
    ...(failure.evidenceFolder === undefined ? [] : [formatPart("evidence", failure.evidenceFolder)]),
    ...(failure.hint === undefined ? [] : [formatPart("try", failure.hint)]),
  ];
  return `${failure.message}\n\n${tail.join("\n")}\n`;
}

function formatPart(title: string, text: string): string {
  const lines = text.trimEnd().split("\n");
  if (lines.length === 1) return `  ${title.padEnd(10)} ${lines[0]}`;
  const shown = lines.slice(-mostLines);
  const cut = lines.length - shown.length;
  return [`  ${title}${cut > 0 ? ` (the last ${mostLines} of ${lines.length} lines)` : ""}`, ...shown.map((line) => `  │ ${line}`)].join(
    "\n",
  );
}
