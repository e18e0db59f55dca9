import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { join, normalize } from "node:path";
import { pipeline } from "node:stream/promises";

/**
 * Not by `import`, which reads every name a module exports: among those of node:http are the browser's, and Node's whole HTTP client behind them, which
 * takes a tenth of what osbench takes to start.
 */
const { createServer } = process.getBuiltinModule("node:http");

/** A plain HTTP server for one folder on a unix socket: what a guest's updater downloads from. HEAD, GET and single byte ranges. Source: RFC 9110. */
export class UpdateServer implements AsyncDisposable {
  readonly socket: string;
  readonly #server: Server;
  #folder: string | undefined;

  private constructor(socket: string) {
    this.socket = socket;
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  static async open(socket: string): Promise<UpdateServer> {
    const server = new UpdateServer(socket);
    await new Promise<void>((resolve, reject) => {
      server.#server.once("error", reject);
      server.#server.listen(socket, resolve);
    });
    return server;
  }

  serve(folder: string): void {
    this.#folder = folder;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = normalize(decodeURIComponent(new URL(request.url ?? "/", "http://guest").pathname));
    const file = this.#folder && join(this.#folder, path);
    const info = file ? await stat(file).catch(() => undefined) : undefined;
    if (!file || !info?.isFile()) {
      response.writeHead(404).end();
      return;
    }
    const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
    const start = range ? Number(range[1]) : 0;
    const end = range?.[2] ? Math.min(Number(range[2]), info.size - 1) : info.size - 1;
    response.writeHead(range ? 206 : 200, {
      "content-length": Math.max(0, end - start + 1),
      "last-modified": info.mtime.toUTCString(),
      ...(range ? { "content-range": `bytes ${start}-${end}/${info.size}` } : {}),
    });
    if (request.method === "HEAD" || info.size === 0) {
      response.end();
      return;
    }
    // A guest that hangs up in the middle is its own business.
    await pipeline(createReadStream(file, { start, end }), response).catch(() => {});
  }
}
