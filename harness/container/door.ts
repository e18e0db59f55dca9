import { spawn } from "node:child_process";
import { createServer, type Server, type Socket } from "node:net";
import { once } from "node:events";

/** A port of the host's loopback that leads to one inside a network of its own, through a command that speaks on stdin and stdout. */
export class Door implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(command: () => readonly string[] | undefined) {
    this.#server = createServer((socket) => this.#enter(socket, command()));
  }

  /** `command` is asked at every connection; without one nobody is there to answer. */
  static async open(command: () => readonly string[] | undefined): Promise<Door> {
    const door = new Door(command);
    door.#server.listen(0, "127.0.0.1");
    await once(door.#server, "listening");
    door.#server.unref();
    return door;
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #enter(socket: Socket, command: readonly string[] | undefined): void {
    const [file, ...rest] = command ?? [];
    socket.on("error", () => {});
    if (file === undefined) return void socket.destroy();
    this.#sockets.add(socket);
    const child = spawn(file, rest, { stdio: ["pipe", "pipe", "ignore"] });
    child.on("error", () => socket.destroy());
    child.stdin.on("error", () => {});
    child.once("close", () => socket.destroy());
    socket.pipe(child.stdin);
    child.stdout.pipe(socket);
    socket.once("close", () => {
      this.#sockets.delete(socket);
      child.kill("SIGKILL");
    });
  }
}
