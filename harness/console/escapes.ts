type State = "text" | "escape" | "intermediate" | "csi" | "string" | "string-escape";

const ESC = 0x1b;
const BEL = 0x07;

/**
 * Takes terminal control out of a stream, keeping its state between chunks: CSI, OSC, DCS, SOS, PM and APC sequences
 * (ended by BEL or ST) vanish, CR LF and lone CR become LF, other C0 controls except TAB vanish.
 * Source: ECMA-48 section 5 (control sequences), 8.3.89 (OSC), xterm for BEL as terminator.
 */
export class EscapeFilter {
  #state: State = "text";
  #carriageReturn = false;

  /** Gives the plain text of the next chunk. */
  feed(chunk: string): string {
    let plain = "";
    for (const char of chunk) {
      const code = char.codePointAt(0) ?? 0;
      if (this.#state === "text") plain += this.#text(char, code);
      else this.#control(code);
    }
    return plain;
  }

  #text(char: string, code: number): string {
    const afterReturn = this.#carriageReturn;
    this.#carriageReturn = false;
    if (code === ESC) {
      this.#state = "escape";
      this.#carriageReturn = afterReturn;
      return "";
    }
    if (char === "\r") {
      this.#carriageReturn = true;
      return "";
    }
    if (char === "\n") return "\n";
    if (char !== "\t" && (code < 0x20 || code === 0x7f)) {
      this.#carriageReturn = afterReturn;
      return "";
    }
    return afterReturn ? `\n${char}` : char;
  }

  #control(code: number): void {
    switch (this.#state) {
      case "escape":
        if (code === 0x5b) this.#state = "csi";
        else if ([0x5d, 0x50, 0x58, 0x5e, 0x5f].includes(code)) this.#state = "string";
        else if (code >= 0x20 && code <= 0x2f) this.#state = "intermediate";
        else if (code !== ESC) this.#state = "text";
        return;
      case "intermediate":
        if (code >= 0x30) this.#state = "text";
        return;
      case "csi":
        if (code === ESC) this.#state = "escape";
        else if (code >= 0x40 && code <= 0x7e) this.#state = "text";
        return;
      case "string":
        if (code === BEL) this.#state = "text";
        else if (code === ESC) this.#state = "string-escape";
        return;
      default:
        this.#state = code === 0x5c ? "text" : "string";
    }
  }
}
