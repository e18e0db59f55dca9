import { anyOf } from "./login-words.ts";

/**
 * What stands on the last line of a console, told by its looks alone: `shell` is a candidate that has to prove itself, `colon` a prompt in
 * words nobody knows, `question` one that no login asks, `empty` no line at all.
 */
export type Kind = "name" | "password" | "change" | "enter" | "question" | "shell" | "colon" | "empty" | "other";

export interface Standing {
  readonly kind: Kind;
  readonly line: string;
  /** What somebody typed behind a name prompt. */
  readonly typed: string;
}

const letter = String.raw`[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}]`;
const word = (kind: "name" | "password" | "change") => `(?<!${letter})${anyOf(kind)}(?!${letter})`;
// U+17D6 is the Khmer colon. French sets a no-break space before its own, some catalogues put a host's name there.
const colon = String.raw`[^\n:：៖]{0,64}[:：៖]`;

const name = new RegExp(`^(?!Last )[^\\n]*${word("name")}(?:${colon}\\s*|\\s?[:：៖]\\s*(?<typed>\\S{1,64}))$`, "iu");
const password = new RegExp(`${word("password")}${colon}\\s*$`, "iu");
const change = new RegExp(word("change"), "iu");

const secretOfDisk = /pass\s?phrase|recovery key|\bPIN\b|(?:password|key) for (?:disk|device|volume)|\bunlock\b/i;
const wizard =
  /press any key to proceed|empty to skip|"?list"? to list|please (?:enter|choose) .*(?:locale|timezone|keymap|hostname|root shell)/i;
const pressEnter = /\bpress\s+(?:the\s+)?(?:enter|return)\b|\bhit\s+(?:enter|return)\b/i;
const maintenance = /\b(?:control|ctrl|strg)[- ]?d\b.*[:：]\s*$|for (?:system )?maintenance\)?[:：]?\s*$/i;
const shellMark = /[#$%>❯❮»›➜λ→▶⟩\u{e0b0}]\s?$/u;

/** Prompts are short; a flood without line ends must not cost more than it says. */
const longest = 4096;
const longestLine = 400;

/** Says what stands at the end of a text that has no terminal control in it any more. */
export function standing(text: string): Standing {
  const lines = text.slice(-longest).split("\n");
  const line = (lines.at(-1) ?? "").slice(-longestLine);
  const before = lines.slice(0, -1).findLast((earlier) => earlier.trim() !== "") ?? "";
  const found = (kind: Kind, typed = ""): Standing => ({ kind, line, typed });
  if (line.trim() === "") {
    // One empty line may be between; what stands further up was asked long ago.
    const isNear = lines.length - 1 - lines.lastIndexOf(before) <= 2;
    return found(!isNear ? "empty" : pressEnter.test(before) ? "enter" : wizard.test(before) ? "question" : "empty");
  }
  if (maintenance.test(line)) return found(pressEnter.test(before) ? "enter" : "password");
  if (secretOfDisk.test(line) || wizard.test(line)) return found("question");
  if (password.test(line)) return found(change.test(line) ? "change" : "password");
  const named = name.exec(line);
  if (named) return found("name", named.groups?.["typed"] ?? "");
  if (pressEnter.test(line)) return found("enter");
  if (shellMark.test(line)) return found("shell");
  if (/[:：៖]\s*$/.test(line)) return found("colon");
  return found("other");
}

const phrases = {
  expired: new RegExp(anyOf("expired"), "iu"),
  timedOut: new RegExp(anyOf("timedOut"), "iu"),
  closed: new RegExp(anyOf("closed"), "iu"),
  refused: new RegExp(anyOf("refused"), "iu"),
};

export type Verdict = keyof typeof phrases;

/** Why a login ended, as far as words tell it. Only to be asked of what came before a new prompt: a message of the day may say anything. */
export function verdict(text: string): Verdict | undefined {
  return (Object.keys(phrases) as Verdict[]).find((kind) => phrases[kind].test(text));
}

/** The words of a verdict that stand alone on the last line said, without a prompt after them. */
export function lastWords(text: string): Verdict | undefined {
  const line = text.trimEnd().split("\n").at(-1)?.trim() ?? "";
  const kind = verdict(line);
  // "Login incorrect", not "Permission denied to all but members of …".
  return kind && line.replace(phrases[kind], "").replaceAll(/[^\p{L}]/gu, "").length <= 12 ? kind : undefined;
}
