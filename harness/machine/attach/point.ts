import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import type { Hardware } from "../../model/hardware.ts";
import type { ImageManifest } from "../../model/image.ts";
import { ways, type Way } from "../../model/shell.ts";
import type { Machine } from "../machine.ts";
import { attachSocket, type Attachment, type MachineFacts, type PauseEnd, type SshAccess } from "./attachment.ts";
import { Resize } from "./resize.ts";
import { Tap } from "./tap.ts";
import { Visitor } from "./visitor.ts";

export interface AttachOptions {
  readonly hardware: Hardware;
  readonly cell: string;
  readonly access: ImageManifest["access"];
  /** OpenSSH private key that the guest lets in. */
  readonly privateKey: string;
  /** People may type at any time: no test runs on it. */
  readonly writable: boolean;
}

/**
 * A unix socket in the machine's workspace, a folder of its owner's alone, that lets people of this host see and, where no test would be
 * disturbed, use a machine. Nobody at the socket is no error, and nobody there can hold the machine up.
 */
export class AttachPoint implements Attachment {
  readonly serial = new Tap();
  readonly #options: AttachOptions;
  readonly #server: Server;
  readonly #keyFile: string;
  readonly #handle = randomBytes(2).toString("hex");
  readonly #started = Date.now();
  readonly #visitors = new Set<Visitor>();
  #machine: Machine | undefined;
  #resize: Resize | undefined;
  #off: MachineFacts["off"];
  #pause: { readonly reason: string; readonly end: (how: PauseEnd) => void } | undefined;

  private constructor(options: AttachOptions, server: Server) {
    this.#options = options;
    this.#server = server;
    this.#keyFile = join(options.hardware.workspace, "key");
    options.hardware.events.on("on", () => (this.#off = undefined));
    options.hardware.events.on("off", (reason, by) => (this.#off = { reason, by }));
    options.hardware.onSerial((line) => this.serial.attach(line));
    server.on("connection", (socket) => this.#enter(socket));
  }

  static async open(options: AttachOptions): Promise<AttachPoint> {
    const server = createServer();
    const point = new AttachPoint(options, server);
    if (options.access.ssh) await writeFile(point.#keyFile, options.privateKey, { mode: 0o600 });
    server.listen(join(options.hardware.workspace, attachSocket));
    await once(server, "listening");
    // From here on nothing that goes wrong at the socket may disturb whoever owns the machine.
    server.on("error", () => {});
    server.unref();
    return point;
  }

  /** Lets people in, until the machine's signal aborts. */
  serve(machine: Machine): void {
    this.#machine = machine;
    this.#resize = new Resize(machine);
    const close = () => this.#close();
    if (machine.signal.aborted) close();
    else machine.signal.addEventListener("abort", close, { once: true });
  }

  async facts(): Promise<MachineFacts> {
    const { cell } = this.#options;
    const machine = this.#machine as Machine;
    return {
      name: `${machine.image.name.replaceAll("/", "-")}-${this.#handle}`,
      image: machine.image.name,
      target: machine.target.target,
      cell,
      pid: process.pid,
      started: this.#started,
      phase: machine.phase,
      ways: this.#ways,
      ssh: await this.#sshAccess(),
      off: this.#off,
      writable: this.#writable,
      paused: this.#pause?.reason,
    };
  }

  resize(columns: number, rows: number): void {
    if (this.#writable) this.#resize?.to(columns, rows);
  }

  async pause(reason: string, { signal, forMs }: { signal: AbortSignal; forMs: number | undefined }): Promise<PauseEnd> {
    const both = AbortSignal.any([signal, (this.#machine as Machine).signal]);
    let timer: NodeJS.Timeout | undefined;
    const ended = await new Promise<PauseEnd>((resolve) => {
      if (both.aborted) return resolve("ended");
      both.addEventListener("abort", () => resolve("ended"), { once: true });
      if (forMs !== undefined) timer = setTimeout(resolve, forMs, "time");
      this.#pause = { reason, end: resolve };
      this.#tellFacts();
    });
    clearTimeout(timer);
    this.#pause = undefined;
    this.#tellFacts();
    return ended;
  }

  get #writable(): boolean {
    return this.#options.writable || this.#pause !== undefined;
  }

  get #ways(): Way[] {
    const { shell, ssh, serial } = this.#options.access;
    const offered: Record<Way, boolean> = { channel: shell !== "none", ssh: ssh !== undefined, serial: serial !== undefined };
    return ways.filter((way) => offered[way]);
  }

  async #sshAccess(): Promise<SshAccess | undefined> {
    const { access, hardware } = this.#options;
    // The monitor answers nobody while the power goes.
    const address = access.ssh && (await hardware.sshAddress().catch(() => undefined));
    return address && { ...address, user: access.ssh?.user ?? "root", keyFile: this.#keyFile };
  }

  #enter(socket: Socket): void {
    if (!this.#machine) return void socket.destroy();
    const visitor: Visitor = new Visitor(socket, {
      facts: () => this.facts(),
      writable: () => this.#writable,
      serial: this.serial,
      resize: (columns, rows) => this.resize(columns, rows),
      run: async (command, way) =>
        await (await (this.#machine as Machine).shell(way)).run(command, { timeoutMs: 2 ** 31 - 1, signal: this.#machine!.signal }),
      release: () => this.#pause?.end("released"),
      gone: (stayed) => {
        this.#visitors.delete(visitor);
        // Whoever came while the test was paused came for its sake.
        if (stayed && ![...this.#visitors].some((other) => other.watches)) this.#pause?.end("left");
      },
    });
    this.#visitors.add(visitor);
  }

  #tellFacts(): void {
    for (const visitor of this.#visitors) void visitor.tellFacts();
  }

  #close(): void {
    this.#pause?.end("ended");
    this.#server.close();
    for (const visitor of this.#visitors) visitor.close();
  }
}
