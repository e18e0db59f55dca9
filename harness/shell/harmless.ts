/** What agent.sh lets pass as well: no quoting, no expansion, no redirection, no second command. */
const plain = /^(?:(?:echo|test)(?: [\][A-Za-z0-9 ./_=:+,%-]*)?|\[ [\][A-Za-z0-9 ./_=:+,%-]* \]|true|false|:)$/;
/** Says another thing in the reader than in a shell of its own; or looks like a line of the kernel's log. */
const telling = / -t(?: |$)|\/dev\/(?:fd|std|tty)|\/proc\/(?:self|thread-self)|\[ *\d+\.\d/;

/** Whether a command is one builtin that can change nothing and never waits, so that it needs no process of its own. */
export function isHarmless(command: string): boolean {
  return plain.test(command) && !telling.test(command);
}

/** Whether a harmless command may have something to say on stderr. */
export function mayComplain(command: string): boolean {
  return /^(?:test|\[)/.test(command);
}
