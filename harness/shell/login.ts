import { LoginSession } from "./login-session.ts";
import { LoginWatch } from "./login-watch.ts";
import type { TextLine } from "./text-line.ts";

export interface Account {
  readonly user: string;
  readonly password: string;
}

/**
 * Logs in on whatever getty stands on the line, in whatever order it asks, and resolves once a shell has proved to be one by running sh.
 * Throws ClaimFailed `OSB_LOGIN_…` as soon as that cannot succeed any more, HarnessError `OSB_TIMEOUT` that says what did not come when the
 * signal is a time limit that passed, and the signal's reason otherwise. What was said last is in the evidence, without the password.
 */
export async function login(line: TextLine, account: Account, signal: AbortSignal): Promise<void> {
  const watch = new LoginWatch(line, account.password, signal);
  const session = new LoginSession(watch, account);
  try {
    await session.run();
  } catch (error) {
    throw watch.explain(error, account.user, session.waitingFor);
  }
}
