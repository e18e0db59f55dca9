import { writeSync } from "node:fs";
import { Passthrough } from "./passthrough.ts";

/** The person's terminal while the guest has it: every key comes as it is typed, and the guest's output is shown as it is. */
export interface Terminal extends Disposable {
  readonly columns: number;
  readonly rows: number;
  /** Shows bytes of the guest; `anew` on a blank screen. */
  show(bytes: Uint8Array, anew?: boolean): void;
  /** Says something where it disturbs nothing: in the window's title. */
  title(text: string): void;
  /** Says something of osbench's own, on lines of its own. */
  say(text: string): void;
  onTyped(listener: (bytes: Uint8Array) => void): void;
  onResize(listener: () => void): void;
}

/** Whether a person can be asked and shown something: keys come from a terminal, and output goes to one. */
export function atTerminal(): boolean {
  return process.stdin.isTTY && process.stdout.isTTY;
}

/**
 * Takes the terminal over. It is given back as it was found at disposal and at any end of this process but SIGKILL; whatever the guest switched
 * on in it (another screen, the mouse) is switched off again.
 */
export function openTerminal(): Terminal {
  const { stdin, stdout } = process;
  const through = new Passthrough();
  let titled = false;
  const cleanups: (() => void)[] = [];
  const on = <T extends unknown[]>(target: NodeJS.EventEmitter, event: string, listener: (...args: T) => void) => {
    target.on(event, listener as (...args: unknown[]) => void);
    cleanups.push(() => target.off(event, listener as (...args: unknown[]) => void));
  };
  const raw = () => stdin.setRawMode(true);
  const restore = () => {
    for (const cleanup of cleanups.splice(0)) cleanup();
    stdin.pause();
    try {
      stdin.setRawMode(false);
    } catch {
      // The terminal is gone, and with it what would have to be put in order.
    }
    // Not stdout.write: at a crash nothing that is written later is written at all.
    const text = `${through.restore}${titled ? "\x1b[23;2t" : ""}`;
    if (text !== "") writeNow(text);
  };
  on(process, "exit", restore);
  // Whoever was stopped and goes on again finds the terminal as the shell has left it.
  on(process, "SIGCONT", raw);
  raw();
  stdin.resume();
  return {
    get columns() {
      return stdout.columns;
    },
    get rows() {
      return stdout.rows;
    },
    show: (bytes, anew) =>
      void stdout.write(anew ? Buffer.concat([Buffer.from(blank(through)), through.feed(bytes)]) : through.feed(bytes)),
    title(text) {
      // The title there was is kept by the terminal (XTWINOPS 22) until the end.
      if (!titled) stdout.write("\x1b[22;2t");
      titled = true;
      stdout.write(`\x1b]2;${text}\x07`);
    },
    say: (text) => void stdout.write(`\r\n\x1b[0m${text.replaceAll("\n", "\r\n")}\r\n`),
    onTyped: (listener) => on(stdin, "data", listener),
    onResize: (listener) => on(stdout, "resize", listener),
    [Symbol.dispose]: restore,
  };
}

function writeNow(text: string): void {
  try {
    writeSync(process.stdout.fd, text);
  } catch {
    // The terminal is gone or takes no more: nothing is left to put in order.
  }
}

function blank(through: Passthrough): string {
  return `${through.restore}\x1b[H\x1b[2J`;
}
