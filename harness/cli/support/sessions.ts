import { readFile } from "node:fs/promises";
import type { SshAccess } from "../../machine/attach/attachment.ts";
import { deadline } from "../../model/deadline.ts";
import { NotApplicable } from "../../model/errors.ts";
import { openSshTerminal } from "../../ssh/ssh-terminal.ts";
import { consoleSession, type ConsoleSession } from "./console-session.ts";

/** A machine that is up answers within seconds, also when it is emulated. */
const loginMs = 60_000;

type SerialSession = Omit<ConsoleSession, "leave" | "readOnly">;

/** Gives the terminal to the serial console; returns the exit code. */
export async function serialSession(session: SerialSession): Promise<number> {
  await consoleSession({ ...session, leave: { q: "leaves" }, readOnly: () => undefined });
  return session.signal.aborted ? 130 : 0;
}

/** Logs in over SSH on a terminal of the guest; returns the login shell's exit code. Throws HarnessError if the server does not answer. */
export async function sshSession(access: SshAccess | undefined, name: string, gone: Promise<string>, signal: AbortSignal): Promise<number> {
  if (!access) throw new NotApplicable("shell-ssh", `${name} offers no SSH`);
  const { user, host, port, keyFile } = access;
  console.log(`${name}: logging in as ${user}`);
  const privateKey = await readFile(keyFile, "utf8");
  const wait = deadline(`the SSH server of ${name} to answer at ${host}:${port}`, loginMs, signal);
  const terminal = await openSshTerminal({ host, port, user, privateKey }, wait.signal)
    .catch((error: unknown) => {
      throw wait.explain(error);
    })
    .finally(() => wait.clear());
  try {
    let code: number | undefined;
    const loggedOut = terminal.ended.then((exit) => {
      code = exit;
      return exit === undefined ? "The connection broke." : "";
    });
    const ended = Promise.race([loggedOut, gone]);
    await serialSession({ serial: terminal, resize: terminal.resize, ended, signal });
    return signal.aborted ? 130 : (code ?? 0);
  } finally {
    terminal[Symbol.dispose]();
  }
}
