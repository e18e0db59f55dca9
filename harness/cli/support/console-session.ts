import type { SerialTap } from "../../machine/attach/attachment.ts";
import { EscapeKey } from "./escape-key.ts";
import { openTerminal } from "./terminal.ts";

export interface ConsoleSession {
  readonly serial: SerialTap;
  /** Tells the guest how large the person's terminal is. */
  resize(columns: number, rows: number): void;
  /** Keys after Ctrl-] that end the session, with what each does in words; `q` first. */
  readonly leave: Readonly<Record<string, string>>;
  /** Why nothing may be typed now; undefined if it may. */
  readOnly(): string | undefined;
  /** Resolves, with words for the person, when there is nothing more to see. */
  readonly ended: Promise<string>;
  /** Ends the session too. */
  readonly signal: AbortSignal;
  /** Calls back with what a person should be told meanwhile. */
  onNews?(tell: (text: string) => void): void;
}

/**
 * Gives the person's terminal to a serial line until one of them ends it. Resolves with the key that was pressed, or undefined if the line
 * ended. The terminal is given back whatever happens.
 */
export async function consoleSession({
  serial,
  resize,
  leave,
  readOnly,
  ended,
  signal,
  onNews,
}: ConsoleSession): Promise<string | undefined> {
  const terminal = openTerminal();
  let words: string | undefined;
  const help = [...Object.entries(leave).map(([key, what]) => `Ctrl-] ${key} ${what}`), "Ctrl-] twice sends it to the guest"].join(", ");
  try {
    terminal.say(`${help}.`);
    let told = false;
    const type = (bytes: Uint8Array) => {
      const why = readOnly();
      if (why === undefined) serial.write(bytes);
      else if (!told) terminal.say(`Nothing you type reaches the machine: ${why}.`);
      told = why !== undefined;
    };
    const size = () => resize(terminal.columns, terminal.rows);
    const stop = serial.listen((bytes) => terminal.show(bytes));
    const escape = new EscapeKey();
    const pressed = new Promise<string>((resolve) => {
      terminal.onTyped((bytes) => {
        for (const typed of escape.feed(bytes)) {
          if ("send" in typed) type(typed.send);
          else if (typed.key in leave) resolve(typed.key);
          else terminal.say(`${help}.`);
        }
      });
    });
    terminal.onResize(size);
    size();
    onNews?.((text) => terminal.say(text));
    const stopped = new Promise<string>((resolve) => {
      if (signal.aborted) resolve("Interrupted.");
      signal.addEventListener("abort", () => resolve("Interrupted."), { once: true });
    });
    const end = await Promise.race([
      pressed.then((key) => ({ key })),
      ended.then((said) => ({ said })),
      stopped.then((said) => ({ said })),
    ]);
    stop();
    if ("key" in end) return end.key;
    words = end.said;
    return undefined;
  } finally {
    terminal[Symbol.dispose]();
    process.stdout.write(`\n${words === undefined ? "" : `${words}\n`}`);
  }
}
