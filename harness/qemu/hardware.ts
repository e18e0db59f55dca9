import { createHash } from "node:crypto";
import { EventEmitter } from "node:events";
import { createWriteStream } from "node:fs";
import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import type { Duplex } from "node:stream";
import { join } from "node:path";
import type { Examination, Hardware, HardwareEvents } from "../model/hardware.ts";
import type { ToolsPlace } from "../model/context.ts";
import { HarnessError } from "../model/errors.ts";
import { portId, qemuArgv, type MachineSpec } from "./argv.ts";
import { examineProcessors, processorUse, type Uses } from "./examine.ts";
import { frozenFiles, type Frozen } from "./moments/frozen.ts";
import { loadDevices } from "./moments/migration.ts";
import { obstacle, saveCycle } from "./moments/save.ts";
import { prepareState } from "./moments/state.ts";
import { startPowerCycle, type PowerCycle, type PowerLines } from "./power.ts";
import type { QmpEvent } from "./qmp.ts";
import { reseedProgram } from "./reseed.ts";
import { startTpm } from "./swtpm.ts";
import type { UpdateServer } from "./updates.ts";

export interface QemuParts {
  readonly tools: ToolsPlace;
  readonly spec: MachineSpec;
  readonly lines: PowerLines;
  readonly workspace: string;
  readonly evidenceFolder: string;
  readonly tpmState: string | undefined;
  /** Where disks, variables and memory lie if the machine may be saved. */
  readonly storage?: string | undefined;
  /** The saved machine it is a fork of: its first power-on goes on from there. */
  readonly origin?: Frozen | undefined;
  /** Its first power cycle's TPM, started already: while the rest is made nobody waits for it. */
  readonly tpm?: Promise<() => void> | undefined;
  readonly updates: UpdateServer;
  /** Closes listeners and removes the workspace. */
  release(): Promise<void>;
}

/** A machine's hardware, made of QEMU and swtpm. State that survives power (disks, variables, TPM) lives in the workspace until disposal. */
export class QemuHardware implements Hardware {
  readonly events = new EventEmitter<HardwareEvents>();
  readonly provenance: Readonly<Record<string, string>>;
  /** Its command line without what differs between two machines of one description. */
  readonly #kind: readonly string[];
  #parts: QemuParts;
  readonly #serialListeners: ((line: Duplex) => void)[] = [];
  #cycle: PowerCycle | undefined;
  /** What its processors had used when the boot began. */
  #used: Uses = [];
  #off: { reason: string; by: "guest" | "plug" } | undefined;

  constructor(parts: QemuParts) {
    this.#parts = parts;
    const argv = qemuArgv(parts.spec);
    // The digest must name the kind of machine, not the folder it happened to run in, nor what is drawn anew for each.
    const { spec } = parts;
    this.#kind = qemuArgv({ ...spec, name: "NAME", uuid: "UUID", mac: "MAC", credentials: [] }).map((word) =>
      [parts.workspace, parts.storage ?? parts.workspace].reduce(withoutFolder, word),
    );
    this.provenance = { argv: argv.join(" "), argvDigest: createHash("sha256").update(this.#kind.join("\0")).digest("hex") };
  }

  get powered(): boolean {
    return this.#cycle !== undefined;
  }

  get workspace(): string {
    return this.#parts.workspace;
  }

  get reseedProgram(): Uint8Array | undefined {
    return reseedProgram(this.#parts.spec.arch);
  }

  onSerial(attach: (line: Duplex) => void): void {
    this.#serialListeners.push(attach);
  }

  async powerOn(signal: AbortSignal): Promise<void> {
    if (this.#cycle) throw new HarnessError("OSB_POWER", "the machine is already on");
    const { tools, spec, tpmState, evidenceFolder, origin, tpm } = this.#parts;
    // Only once: after its first power cycle a fork is a machine like any other.
    this.#parts = { ...this.#parts, origin: undefined, tpm: undefined };
    // Memory does not outlast power.
    if (!origin && spec.ram) await rm(spec.ram.file, { force: true });
    const ram = origin && !spec.ram ? { file: frozenFiles(origin).ram, kind: "frozen" as const } : spec.ram;
    const argv = qemuArgv({ ...spec, ...(ram && { ram }), incoming: origin !== undefined });
    if (spec.tpm && !tpm) await rm(spec.tpm.socket, { force: true });
    const endTpm = await (tpm ?? (spec.tpm && tpmState ? startTpm(tools, tpmState, spec.tpm.socket, signal) : undefined));
    const cycle = await this.#startCycle(argv, signal).catch((error: unknown) => {
      // It ends with its connection; this one never had any.
      endTpm?.();
      throw error;
    });
    this.#cycle = cycle;
    this.#used = [];
    this.#off = undefined;
    const log = createWriteStream(join(evidenceFolder, "qmp.jsonl"), { flags: "a" });
    void cycle.ended.then(() => log.end());
    cycle.qmp.on("event", (event) => {
      log.write(`${JSON.stringify(event)}\n`);
      this.#onQmpEvent(event);
    });
    void cycle.ended.then((words) => this.#ended(cycle, words));
    for (const attach of this.#serialListeners) attach(cycle.serial);
    for (const line of cycle.ports.values()) {
      line.on("error", () => {});
      // What nobody reads is thrown away: a full line would stop the guest that writes to it.
      line.resume();
    }
    if (origin) await this.#wake(cycle, origin, signal);
    else this.events.emit("on");
    await cycle.qmp.execute("cont");
  }

  async saveObstacle(of: "machine" | "kind" = "machine"): Promise<string | undefined> {
    return await obstacle(this.#parts, this.#cycle, of);
  }

  async save(next: string | undefined, signal: AbortSignal): Promise<Frozen> {
    const cycle = this.#cycle;
    if (!cycle) throw new HarnessError("OSB_CANNOT_SAVE", "the machine cannot be saved: it is off");
    const frozen = await saveCycle(this.#parts, cycle, signal);
    // What it writes from now on would be the saved machine's: it goes on as the first fork of itself.
    this.#cycle = undefined;
    cycle.kill();
    await cycle.ended;
    const { workspace } = this.#parts;
    const tpmState = frozen.spec.tpm && (await mkdtemp(join(workspace, "tpm-")));
    const state = await prepareState(frozen, workspace, next, signal);
    this.#parts = { ...this.#parts, ...state, tpmState, storage: next };
    return frozen;
  }

  /** Takes up the state of a saved machine. Whatever goes wrong is no fault of the image: nothing of it has run. */
  async #wake(cycle: PowerCycle, origin: Frozen, signal: AbortSignal): Promise<void> {
    try {
      await loadDevices(cycle.qmp, frozenFiles(origin).devices, signal);
    } catch (error) {
      this.#off ??= { reason: "it could not be restored", by: "plug" };
      await this.cutPower();
      throw error;
    }
    this.events.emit("woken");
  }

  async #startCycle(argv: readonly string[], signal: AbortSignal): Promise<PowerCycle> {
    const { tools, lines, evidenceFolder } = this.#parts;
    const log = join(evidenceFolder, "qemu.log");
    await appendFile(log, `${argv.join(" ")}\n`);
    // What `argvDigest` in the record is the digest of: its words joined by NUL.
    await writeFile(join(evidenceFolder, "argv.json"), `${JSON.stringify(this.#kind, undefined, 1)}\n`);
    return await startPowerCycle(tools, argv, lines, log, signal);
  }

  async cutPower(): Promise<void> {
    const cycle = this.#cycle;
    if (!cycle) return;
    this.#off ??= { reason: "power was cut", by: "plug" };
    cycle.kill();
    await cycle.ended;
    this.#ended(cycle, "");
  }

  port(name: string): Duplex | undefined {
    return this.#cycle?.ports.get(name);
  }

  async sshAddress(): Promise<{ host: string; port: number } | undefined> {
    const listing = await this.#cycle?.qmp.human("info usernet");
    const port = /TCP\[HOST_FORWARD\]\s+\d+\s+127\.0\.0\.1\s+(\d+)/.exec(listing ?? "")?.[1];
    return port === undefined ? undefined : { host: "127.0.0.1", port: Number(port) };
  }

  serve(folder: string): void {
    this.#parts.updates.serve(folder);
  }

  async examine(forMs = 800): Promise<Examination> {
    const qmp = this.#cycle?.qmp;
    if (!qmp) return { doing: "off", words: "the machine is off" };
    const known = { flash: this.#parts.spec.arch["flash-at"], since: this.#used };
    return await examineProcessors(qmp, forMs, known).catch((error: Error) => ({
      doing: "unknown" as const,
      words: error.message,
    }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#off ??= { reason: "the test ended", by: "plug" };
    await this.cutPower();
    await this.#parts.release();
  }

  #onQmpEvent({ event, data }: QmpEvent): void {
    if (event === "RESET" && data["guest"] === true) {
      // Written before the reset, it must be heard before it: the two come by different ways.
      this.#parts.lines.serial.drain();
      void this.#restarted();
      this.events.emit("reset");
    } else if (event === "SHUTDOWN")
      this.#off ??= { reason: `the guest switched off (${String(data["reason"])})`, by: data["guest"] === true ? "guest" : "plug" };
    else if (event === "GUEST_PANICKED") this.events.emit("panic");
    else if (event === "WATCHDOG") this.events.emit("watchdog", String(data["action"]));
    else if (event === "VSERPORT_CHANGE") this.#portChanged(String(data["id"]), data["open"] === true);
  }

  async #restarted(): Promise<void> {
    const cycle = this.#cycle;
    const used = await (cycle && processorUse(cycle.qmp).catch(() => undefined));
    if (used && this.#cycle === cycle) this.#used = used;
  }

  #portChanged(id: string, open: boolean): void {
    for (const name of Object.keys(this.#parts.spec.ports)) {
      if (portId(name) === id) this.events.emit("port", name, open);
    }
  }

  #ended(cycle: PowerCycle, words: string): void {
    if (this.#cycle !== cycle) return;
    this.#cycle = undefined;
    if (this.#off) this.events.emit("off", this.#off.reason, this.#off.by);
    else this.events.emit("off", `QEMU ended by itself: ${words || "it said nothing"}`, "broken");
  }
}

function withoutFolder(word: string, folder: string): string {
  return word.replaceAll(folder, "WORKSPACE");
}
