import { ClaimFailed, type ErrorDetails } from "../model/errors.ts";
import type { Verdict } from "./login-standing.ts";

/** Every way a login can be known to be impossible. */
export type Reason =
  | Exclude<Verdict, "timedOut">
  | "ended"
  | "expiredByPrompt"
  | "again"
  | "question"
  | "other"
  | "noShell"
  | "slow"
  | "unasked";

type Explained = readonly [code: string, what: string, hint?: string];

const changeIt = "Set the password anew in the image, or take its age away (chage -d -1), so that nobody must be asked";
const reasons: Readonly<Record<Reason, Explained>> = {
  refused: ["OSB_LOGIN_REFUSED", "was refused", "Compare user and password of access.serial with what the image's recipe sets"],
  unasked: [
    "OSB_LOGIN_CLOSED",
    "was refused before a password was asked for",
    "A PAM module may be missing in the image, or its configuration may keep this user out",
  ],
  again: ["OSB_LOGIN_REFUSED", "was not enough: after the password another one is asked for"],
  expired: ["OSB_LOGIN_EXPIRED", "is impossible: the password or the account has expired", changeIt],
  expiredByPrompt: ["OSB_LOGIN_EXPIRED", "is impossible: the image wants a new password first", changeIt],
  closed: ["OSB_LOGIN_CLOSED", "is impossible: the account cannot be used here, or what a login needs is missing in the image"],
  ended: [
    "OSB_LOGIN_ENDED",
    "ended at once: the login prompt came back",
    "The account's shell, the login program or a PAM module may be missing, or the shell ends by itself",
  ],
  slow: ["OSB_LOGIN_ENDED", "was given up by the getty itself, which waited too long"],
  question: [
    "OSB_LOGIN_QUESTION",
    "cannot begin: the console asks something else",
    "Answer it in the image's recipe, so that it boots unattended",
  ],
  other: ["OSB_LOGIN_OTHER", "found a shell of somebody else", "Name that user in access.serial, or log in as the wanted one"],
  noShell: ["OSB_LOGIN_NO_SHELL", "led to a prompt, but nothing behind it runs sh"],
};

/** The image's failure in words. `detail` is what was seen, and follows the sentence. */
export function loginFailed(user: string, reason: Reason, detail: string, evidence: NonNullable<ErrorDetails["evidence"]>): ClaimFailed {
  const [code, what, hint] = reasons[reason];
  return new ClaimFailed(code, `login as ${user} on the serial line ${what}${detail && `: ${detail}`}`, {
    evidence,
    ...(hint && { hint }),
  });
}
