import type { Machine } from "../machine.ts";

/** A virtual terminal may be a console too; its size is that of its own screen. */
const command = (columns: number, rows: number) =>
  `for t in $(cat /sys/class/tty/console/active); do case $t in tty[0-9]*) ;; *) stty -F /dev/$t cols ${columns} rows ${rows} ;; esac; done`;

/**
 * Passes the size of a person's terminal to the guest. A serial line has no means of its own to say it, so it goes by another shell;
 * without one, or while it is busy, the guest keeps the size it believes in.
 */
export class Resize {
  readonly #machine: Machine;
  #wanted: { readonly columns: number; readonly rows: number } | undefined;
  #busy = false;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  to(columns: number, rows: number): void {
    this.#wanted = { columns, rows };
    if (!this.#busy) void this.#pass();
  }

  async #pass(): Promise<void> {
    const { access } = this.#machine.image.manifest;
    const way = access.shell === "none" ? access.ssh && "ssh" : "channel";
    if (way === undefined || this.#machine.phase === "off") return;
    this.#busy = true;
    try {
      // Its boot's end is the first moment at which its terminals surely stand.
      if (this.#machine.phase !== "ready") await this.#machine.boot("ready");
      for (let size = this.#wanted; size; size = this.#wanted) {
        this.#wanted = undefined;
        await (await this.#machine.shell(way)).run(command(size.columns, size.rows), { timeoutMs: 10_000, signal: this.#machine.signal });
      }
    } catch {
      // A size that cannot be passed on is a line that wraps at the wrong place, and nothing more.
    } finally {
      this.#busy = false;
    }
  }
}
