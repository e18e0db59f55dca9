import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** A debugger on a machine that QEMU offers to one (-gdb): the machine stands still while it is attached. Source: gdb, Remote Serial Protocol. */
export class Debugger {
  readonly #line: Socket;
  #said = "";

  private constructor(line: Socket) {
    this.#line = line;
    line.setEncoding("latin1");
    line.on("data", (text: string) => (this.#said += text));
  }

  static async attach(socket: string): Promise<Debugger> {
    const line = connect(socket);
    await once(line, "connect");
    const own = new Debugger(line);
    await own.ask("?");
    return own;
  }

  /** The answer to a packet. */
  async ask(packet: string): Promise<string> {
    this.#send(packet);
    return await this.#answer();
  }

  /** A command of QEMU's own monitor. */
  async monitor(command: string): Promise<void> {
    await this.ask(`qRcmd,${Buffer.from(command).toString("hex")}`);
  }

  async write(address: number, bytes: Uint8Array): Promise<void> {
    for (let from = 0; from < bytes.length; from += 512) {
      const part = Buffer.from(bytes.subarray(from, from + 512));
      const answer = await this.ask(`M${(address + from).toString(16)},${part.length.toString(16)}:${part.toString("hex")}`);
      if (answer !== "OK") throw new Error(`memory at 0x${address.toString(16)} could not be written: ${answer}`);
    }
  }

  /** Lets the machine run for so many milliseconds. */
  async run(forMs: number): Promise<void> {
    this.#send("c");
    await new Promise((resolve) => setTimeout(resolve, forMs));
    this.#line.write("\x03");
    await this.#answer();
  }

  /** Leaves, and lets the machine go on. */
  async detach(): Promise<void> {
    await this.ask("D");
    this.#line.destroy();
  }

  #send(packet: string): void {
    this.#said = "";
    const sum = Buffer.from(packet, "latin1").reduce((total, byte) => (total + byte) & 0xff, 0);
    this.#line.write(`$${packet}#${sum.toString(16).padStart(2, "0")}`, "latin1");
  }

  async #answer(): Promise<string> {
    for (;;) {
      const packet = /\$([^#]*)#../.exec(this.#said);
      if (packet) {
        this.#line.write("+");
        return packet[1] as string;
      }
      await once(this.#line, "data");
    }
  }
}
