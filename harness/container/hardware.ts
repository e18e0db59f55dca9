import { createHash } from "node:crypto";
import { EventEmitter } from "node:events";
import { appendFileSync } from "node:fs";
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import type { ToolsPlace } from "../model/context.ts";
import { HarnessError } from "../model/errors.ts";
import type { Examination, Hardware, HardwareEvents } from "../model/hardware.ts";
import { Door } from "./door.ts";
import { examineGroup } from "./group.ts";
import { startKeeper, type Keeper } from "./keeper.ts";
import { Leader, type ContainerShell } from "./leader.ts";

export interface ContainerParts {
  readonly tools: ToolsPlace;
  /** The container's control group, below the root of the hierarchy. */
  readonly group: string;
  readonly workspace: string;
  readonly evidenceFolder: string;
  /** The command line of systemd-nspawn, for the record. */
  readonly argv: readonly string[];
  /** Every capability of the container. */
  readonly capabilities: readonly string[];
  /** Names of the two lines a shell stands on: commands and stdout, stderr. */
  readonly ports: { readonly shell: string; readonly stderr: string };
  /** Removes the workspace. */
  release(): Promise<void>;
}

const sshPort = 22;

/** A system container as a machine: its power switch starts and kills its init, its lines are a terminal and a shell in its namespaces. What was written lives in the workspace until disposal. */
export class ContainerHardware implements Hardware {
  readonly events = new EventEmitter<HardwareEvents>();
  readonly begins = "userspace";
  readonly provenance: Readonly<Record<string, string>>;
  readonly #parts: ContainerParts;
  readonly #serialListeners: ((line: Duplex) => void)[] = [];
  #keeper: Keeper | undefined;
  #leader: Leader | undefined;
  #shell: ContainerShell | undefined;
  #door: Door | undefined;
  #pulled: string | undefined;

  constructor(parts: ContainerParts) {
    this.#parts = parts;
    const portable = parts.argv.map((word) => word.replaceAll(parts.workspace, "WORKSPACE"));
    this.provenance = { argv: parts.argv.join(" "), argvDigest: createHash("sha256").update(portable.join("\0")).digest("hex") };
  }

  get powered(): boolean {
    return this.#keeper !== undefined;
  }

  get workspace(): string {
    return this.#parts.workspace;
  }

  onSerial(attach: (line: Duplex) => void): void {
    this.#serialListeners.push(attach);
  }

  async powerOn(signal: AbortSignal): Promise<void> {
    if (this.#keeper) throw new HarnessError("OSB_POWER", "the machine is already on");
    const { tools, workspace, group, evidenceFolder } = this.#parts;
    await appendFile(join(evidenceFolder, "nspawn.log"), `${this.#parts.argv.join(" ")}\n`);
    const keeper = startKeeper(tools, workspace, group);
    this.#keeper = keeper;
    this.#pulled = undefined;
    keeper.on("leader", (pid) => this.#led(keeper, pid));
    keeper.on("reset", () => {
      this.#leave();
      this.events.emit("reset");
    });
    for (const attach of this.#serialListeners) attach(keeper.console);
    try {
      await keeper.up(signal);
    } catch (error) {
      keeper.kill();
      await keeper.ended;
      this.#keeper = undefined;
      throw error;
    }
    this.events.emit("on");
    void keeper.ended.then((end) => this.#ended(keeper, end.code, end.words));
  }

  async cutPower(): Promise<void> {
    const keeper = this.#keeper;
    if (!keeper) return;
    this.#pulled ??= "power was cut";
    keeper.kill();
    const { code, words } = await keeper.ended;
    this.#ended(keeper, code, words);
  }

  port(name: string): Duplex | undefined {
    const { shell, stderr } = this.#parts.ports;
    return name === shell ? this.#shell?.line : name === stderr ? this.#shell?.errors : undefined;
  }

  async sshAddress(): Promise<{ host: string; port: number } | undefined> {
    this.#door ??= await Door.open(() => this.#leader?.knock(sshPort));
    return { host: "127.0.0.1", port: this.#door.port };
  }

  serve(): void {}

  async examine(forMs = 800): Promise<Examination> {
    if (!this.#keeper) return { doing: "off", words: "the machine is off" };
    return await examineGroup(this.#parts.group, forMs).catch((error: Error) => ({ doing: "unknown" as const, words: error.message }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#pulled ??= "the test ended";
    await this.cutPower();
    await this.#door?.[Symbol.asyncDispose]();
    await this.#parts.release();
  }

  #led(keeper: Keeper, pid: number): void {
    if (this.#keeper !== keeper) return;
    this.#leader = new Leader(pid, this.#parts.tools, this.#parts.capabilities);
    this.#openShell(this.#leader);
  }

  /** A shell that ends is followed by another, as long as the container runs. */
  #openShell(leader: Leader): void {
    let shell: ContainerShell;
    try {
      shell = leader.shell();
    } catch {
      // Its first process is gone already: its end is told on another line.
      return;
    }
    this.#shell = shell;
    this.events.emit("port", this.#parts.ports.shell, true);
    const began = performance.now();
    void shell.ended.then(({ told, shut, first }) => {
      if (this.#shell !== shell) return;
      this.#shell = undefined;
      this.events.emit("port", this.#parts.ports.shell, false);
      if (this.#leader !== leader || told) return;
      // One that cannot even start would not the next time either.
      if (!shut && performance.now() - began > 200) return this.#openShell(leader);
      appendFileSync(join(this.#parts.evidenceFolder, "nspawn.log"), `no shell could be opened: ${first}\n`);
      if (shut) this.events.emit("shut", first.trim());
    });
  }

  /** The container's processes are gone, or as good as gone. */
  #leave(): void {
    const shell = this.#shell;
    this.#leader = this.#shell = undefined;
    if (!shell) return;
    shell.close();
    this.events.emit("port", this.#parts.ports.shell, false);
  }

  #ended(keeper: Keeper, code: number | undefined, words: string): void {
    if (this.#keeper !== keeper) return;
    const ran = this.#leader !== undefined || keeper.led;
    this.#keeper = undefined;
    this.#leave();
    // At once: whoever pulled the plug finds the machine off.
    if (words !== "") appendFileSync(join(this.#parts.evidenceFolder, "nspawn.log"), `${words}\n`);
    if (this.#pulled !== undefined) this.events.emit("off", this.#pulled, "plug");
    else if (code === 0) this.events.emit("off", "the guest switched off", "guest");
    else if (ran) this.events.emit("off", `its init ended with exit code ${code ?? "unknown"}`, "guest");
    else this.events.emit("off", `systemd-nspawn ended by itself: ${words || "it said nothing"}`, "broken");
  }
}
