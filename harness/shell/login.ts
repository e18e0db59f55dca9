import { ClaimFailed } from "../model/errors.ts";
import type { TextLine } from "./text-line.ts";

export interface Account {
  readonly user: string;
  readonly password: string;
}

const namePrompt = /(?:^|\n)[^\n]*\b(?:login|username): ?$/i;
const passwordPrompt = /(?:^|\n)[^\n]*password: ?$/i;
const refused = /login incorrect|authentication failure|permission denied/i;
const expired = /(?:current|new|retype)[^\n]* password:|password (?:has )?expired/i;
const prompt = /[#$%>] ?$/;

/**
 * Logs in on a getty: answers the name and password prompts in whatever order they come and resolves once a shell prompt
 * stands. Throws ClaimFailed at once when the password is refused or expired; rejects with the signal's reason.
 */
export async function login(line: TextLine, account: Account, signal: AbortSignal): Promise<void> {
  const any = new RegExp([expired, refused, passwordPrompt, namePrompt, prompt].map(({ source }) => source).join("|"), "i");
  // A getty that already showed its prompt shows it again on Enter.
  let from = lastLineStart(line);
  if (!namePrompt.test(line.text(from))) {
    from = line.length;
    await line.write("\r");
  }
  for (let named = false; ;) {
    await line.expect(any, signal, from);
    const said = line.text(from);
    from = line.length;
    if (expired.test(said))
      throw new ClaimFailed("OSB_LOGIN_EXPIRED", `login as ${account.user}: the password has expired`, { evidence: { said } });
    if (named && refused.test(said))
      throw new ClaimFailed("OSB_LOGIN_REFUSED", `login as ${account.user} was refused`, { evidence: { said } });
    if (passwordPrompt.test(said)) await line.write(`${account.password}\r`);
    else if (namePrompt.test(said)) {
      if (named)
        throw new ClaimFailed("OSB_LOGIN_AGAIN", `login as ${account.user} ended at once: the login prompt came back`, {
          evidence: { said },
        });
      named = true;
      await line.write(`${account.user}\r`);
    } else if (named && prompt.test(said)) return;
  }
}

function lastLineStart(line: TextLine): number {
  return line.text().lastIndexOf("\n") + 1;
}
