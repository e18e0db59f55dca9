import { createServer, type Server, type Socket } from "node:net";
import { rm } from "node:fs/promises";
import { HarnessError } from "../model/errors.ts";

/** A unix socket osbench listens on, so that QEMU connects when it starts and no first byte is missed. */
export class Listener implements AsyncDisposable {
  readonly path: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(path: string, server: Server) {
    this.path = path;
    this.#server = server;
    server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
  }

  static async open(path: string): Promise<Listener> {
    await rm(path, { force: true });
    const server = createServer({ pauseOnConnect: true });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(path, resolve);
    });
    return new Listener(path, server);
  }

  /** Resolves with the next connection, paused until somebody calls `resume`; rejects with the signal's reason. */
  async next(signal: AbortSignal): Promise<Socket> {
    return await new Promise((resolve, reject) => {
      const abort = () => {
        this.#server.off("connection", connected);
        reject(signal.reason instanceof Error ? signal.reason : new HarnessError("OSB_ABORTED", `nobody connected to ${this.path}`));
      };
      const connected = (socket: Socket) => {
        signal.removeEventListener("abort", abort);
        socket.on("error", () => {});
        resolve(socket);
      };
      if (signal.aborted) return abort();
      this.#server.once("connection", connected);
      signal.addEventListener("abort", abort, { once: true });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
