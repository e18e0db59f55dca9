/**
 * What asks a terminal for an answer, as bytes in Latin-1: device attributes, status and position reports, mode and version queries, window
 * reports, colours. Source: xterm's ctlseqs (DA, DSR, DECRQM, XTVERSION, XTWINOPS, OSC 4 and 10 to 19, DECRQSS), ECMA-48 8.3.24 and 8.3.35.
 */
const queries = new RegExp(
  [
    String.raw`\x1b\[[>=?]?[\d;]*[cn]`,
    String.raw`\x1b\[\??[\d;]*\$p`,
    String.raw`\x1b\[>\d*q`,
    String.raw`\x1b\[(?:1[1-9]|2[01])(?:;\d*)*t`,
    String.raw`\x1b\](?:4;\d+|1\d);\?(?:\x07|\x1b\\)`,
    String.raw`\x1bP[+$]q[^\x1b\x07]*(?:\x07|\x1b\\)`,
    String.raw`\x1bZ`,
    String.raw`\x05`,
  ].join("|"),
  "g",
);

/** An escape sequence that the chunk cuts off. Longer ones are let go: whatever they are, they are no query. */
const cutOff = new RegExp(String.raw`\x1b(?:\[[\d;>=?$]{0,20}|\][\d;?]{0,20}\x1b?|P(?:[+$](?:q[^\x1b\x07]{0,60}\x1b?)?)?)?$`);

const modeChange = new RegExp(String.raw`\x1b\[\?([\d;]+)([hl])`, "g");

/** Modes that would outlive the guest's program in the person's terminal, and what switches each off again. */
const lasting: Readonly<Record<string, string>> = Object.fromEntries(
  ["47", "1047", "1049", "1000", "1002", "1003", "1004", "1005", "1006", "1015", "2004", "1"].map((mode) => [mode, `\x1b[?${mode}l`]),
);

/**
 * Makes a guest's output fit for the terminal of a person who looks on: questions to the terminal are left out, for the harness's own screen
 * answers them and a second answer would look typed. Remembers what the guest switched on, to switch it off at the end.
 */
export class Passthrough {
  #rest = "";
  readonly #on = new Set<string>();
  #touched = false;

  feed(bytes: Uint8Array): Buffer {
    const text = this.#rest + Buffer.from(bytes).toString("latin1");
    this.#rest = cutOff.exec(text)?.[0] ?? "";
    const whole = text.slice(0, text.length - this.#rest.length).replaceAll(queries, "");
    for (const [, modes = "", how] of whole.matchAll(modeChange)) {
      for (const mode of modes.split(";")) if (mode in lasting) this.#on[how === "h" ? "add" : "delete"](mode);
    }
    this.#touched ||= whole.includes("\x1b");
    return Buffer.from(whole, "latin1");
  }

  /** What puts a terminal that was shown all this back in order; the screen's content stays. */
  get restore(): string {
    if (!this.#touched) return "";
    // Colours, cursor, scrolling region, wrapping and character set, last the modes that are still on.
    return `\x1b7\x1b[r\x1b8\x1b[0m\x1b[?25h\x1b[?7h\x1b(B\x1b[?12l\x1b>${[...this.#on].map((mode) => lasting[mode]).join("")}`;
  }
}
