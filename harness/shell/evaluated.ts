import { quote } from "./quote.ts";

const plain = /^[A-Za-z0-9_./:=,+%@-]+(?: +[A-Za-z0-9_./:=,+%@-]+)*$/;
const reserved = /^(?:if|then|else|elif|fi|do|done|case|esac|while|until|for|in|function|select|time|coproc)\b/;

/**
 * The command as part of a script for the guest's shell. What may be no whole command is evaluated from a string, so that it breaks nothing
 * around it; a few plain words need not, and cost no second process: a shell does not become the program it evaluates.
 */
export function evaluated(command: string): string {
  return plain.test(command) && !reserved.test(command) ? command : `eval ${quote(command)}`;
}
