/** What to do when nothing more is said for so long. */
export interface Step {
  readonly quietMs: number;
  readonly act: () => Promise<void> | void;
}

/** A prompt is believed when it stands this long: what looks like one may go on in the next piece. */
export const settleMs = 150;
/** A prompt that shows nothing of the name that was typed may be an earlier one, slow to come; the name is read after it. */
export const lateMs = 1500;
export const unansweredMs = [5000, 10_000, 20_000] as const;
export const killLine = "\u0015";
export const interrupt = "\u0003";
/** So often a prompt is asked to prove that it is a shell's, and a getty that gives up waiting is given the name. */
export const most = 4;
/** The prompt of a shell that waits for the rest of a command (PS2). */
export const isContinued = /^(?:\w*quote|dquote|heredoc|bquote)?> ?$/;

export function after(quietMs: number, act: Step["act"]): Step {
  return { quietMs, act };
}
