import xterm from "@xterm/headless";

/**
 * Size of the terminal a guest is told it talks to. Firmware asks nobody: EDK2 has modes of 80x50 and 100x31, and what starts from it (GRUB) draws
 * on all of the largest; on fewer rows its menus would be unreadable. Source: EDK2, TerminalDxe, mTerminalConsoleModeData.
 */
export const screenSize = { cols: 120, rows: 50 } as const;

/**
 * The screen a person at the serial line would see. A real terminal emulator stands behind it, so questions a guest asks
 * of its terminal (cursor position, device attributes) are answered: `reply` gets the bytes to send back.
 */
export class Screen {
  readonly #terminal = new xterm.Terminal({ ...screenSize, allowProposedApi: true, scrollback: 2000, logLevel: "off" });

  constructor(reply: (answer: string) => void) {
    this.#terminal.onData(reply);
  }

  /** Shows a chunk; `shown` is called once the screen holds it. */
  feed(bytes: Uint8Array, shown: () => void): void {
    this.#terminal.write(bytes, shown);
  }

  /** The visible rows, blank rows at the end removed. */
  text(): string {
    const buffer = this.#terminal.buffer.active;
    const rows: string[] = [];
    for (let row = 0; row < this.#terminal.rows; row++) rows.push(buffer.getLine(buffer.baseY + row)?.translateToString(true) ?? "");
    return rows.join("\n").trimEnd();
  }

  dispose(): void {
    this.#terminal.dispose();
  }
}
