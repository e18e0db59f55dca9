import { Console } from "../console/console.ts";
import { signaturesFor } from "../diagnosis/signature.ts";
import { deadline } from "../model/deadline.ts";
import { HarnessError, NotApplicable } from "../model/errors.ts";
import type { Image } from "../model/image.ts";
import type { Boot, Phase } from "../model/phase.ts";
import type { MachineUse } from "../model/record.ts";
import type { CommandResult, RunOptions, Shell, Way } from "../model/shell.ts";
import type { Capability, TargetManifest } from "../model/target.ts";
import { download, upload } from "../shell/transfer.ts";
import type { Attachment } from "./attach/attachment.ts";
import { BootLog, type BootInProgress } from "./boot-log.ts";
import { findCapability } from "./capabilities.ts";
import { GuestConsole } from "./guest-console.ts";
import { askToLeave } from "./leave.ts";
import type { Machine, MachineConsole, Moment, SaveOptions, WaitOptions } from "./machine.ts";
import { Observer } from "./observer.ts";
import type { MachineParts } from "./parts.ts";
import { Power } from "./power.ts";
import { untilReady } from "./ready.ts";
import { Shells } from "./shells.ts";
import { useOf } from "./use.ts";
import { BootWatch } from "./watch.ts";

/** A machine over real or emulated hardware. */
export class LiveMachine implements Machine {
  readonly image: Image;
  readonly target: TargetManifest;
  readonly console: MachineConsole;
  readonly evidenceFolder: string;
  readonly attachment: Attachment | undefined;
  readonly signal: AbortSignal;
  readonly #parts: MachineParts;
  readonly #line: Console;
  readonly #log = new BootLog();
  readonly #watch: BootWatch;
  readonly #observer: Observer;
  readonly #shells: Shells;
  readonly #life = new AbortController();
  readonly #power: Power;
  #updates: string | undefined;
  /** Takes note at once of a restart that is not noted yet. */
  #restarted: () => void = () => {};
  #disposal: Promise<void> | undefined;

  constructor(parts: MachineParts) {
    this.#parts = parts;
    this.image = parts.image;
    this.target = parts.target;
    this.evidenceFolder = parts.evidenceFolder;
    this.attachment = parts.attachment;
    this.signal = AbortSignal.any([parts.signal, this.#life.signal]);
    this.#line = new Console(parts.evidenceFolder, `${parts.image.name} on ${parts.target.target}`);
    this.#watch = new BootWatch(this.#log, parts.expected, {
      screen: () => this.#line.screen(),
      lastLines: (from) => this.#line.text(from).trimEnd().split("\n").slice(-30).join("\n"),
      examine: (forMs) => parts.hardware.examine(forMs),
      silentMs: () => this.#line.silentMs,
    });
    this.console = new GuestConsole(this.#line, this.signal, () => this.#watch.life);
    this.#observer = new Observer(this.#line, this.#log, signaturesFor(parts.signatures, parts.target.arch), {
      hit: (hit) => (parts.bus.sign(hit), void this.#watch.hit(hit)),
      asked: (hit) => this.#watch.keep(hit),
    });
    this.#shells = new Shells(parts.hardware, this.#line, parts.image.manifest.access, parts.privateKey, parts.origin?.guest.agent);
    this.#power = new Power(parts.hardware, this.#log, this.#watch, this.#line, this.signal);
    this.#listen();
  }

  get phase(): Phase {
    return this.#power.ahead ? "off" : this.#log.phase;
  }

  get boots(): readonly Boot[] {
    return this.#power.ahead ? [] : this.#log.boots;
  }

  async switchOn(): Promise<void> {
    await this.#power.onAhead();
  }

  async boot(until: Phase = "ready", options: WaitOptions = {}): Promise<Boot> {
    const boot = await this.#power.boot(until, options);
    if (until === "ready") await this.#parts.booted?.(this);
    return boot;
  }

  async reboot(options: WaitOptions = {}): Promise<Boot> {
    const before = this.boots.length;
    await askToLeave(this, "systemctl --no-block reboot 2>/dev/null || reboot");
    return await this.nextBoot(before, "ready", options);
  }

  async nextBoot(after: number, until: Phase = "ready", options: WaitOptions = {}): Promise<Boot> {
    return await this.#power.nextBoot(after, until, options);
  }

  async powerOff(options: WaitOptions = {}): Promise<void> {
    await this.#power.off(options, () => askToLeave(this, "systemctl --no-block poweroff 2>/dev/null || poweroff"));
  }

  async cutPower(): Promise<void> {
    await this.#parts.hardware.cutPower();
  }

  async shell(way?: Way, signal?: AbortSignal): Promise<Shell> {
    const wait = deadline(`the ${way ?? "preferred"} shell to answer`, 120_000, this.#alive(signal));
    try {
      return await this.#shells.get(way, wait.signal);
    } catch (error) {
      // Who never switched it on cannot blame what would have come up.
      if (this.boots.length === 0 && !this.#parts.hardware.powered) throw wait.explain(error);
      throw this.#power.blame(
        wait.explain(error),
        "OSB_NO_SHELL",
        `no shell answered by way of ${way ?? this.#shells.ways[0] ?? "nothing"}`,
      );
    } finally {
      wait.clear();
    }
  }

  async run(command: string, options: RunOptions = {}): Promise<CommandResult> {
    return await (await this.shell(undefined, options.signal)).run(command, { ...options, signal: this.#alive(options.signal) });
  }

  async capability(name: string): Promise<Capability> {
    return await findCapability(this, name);
  }

  async serveUpdates(folder: string): Promise<void> {
    this.#updates = folder;
    this.#parts.hardware.serve(folder);
  }

  async forkable(): Promise<Omit<Capability, "name">> {
    const { hardware, target } = this.#parts;
    const why = hardware.saveObstacle ? await hardware.saveObstacle("kind") : `machines of target ${target.target} cannot be saved`;
    return { present: why === undefined, reason: why ?? "its memory, disks and devices can all be saved" };
  }

  async save(name: string, options: SaveOptions = {}): Promise<Moment> {
    if (this.phase !== "ready") throw new HarnessError("OSB_CANNOT_SAVE", `a machine is saved when it is ready; this one is ${this.phase}`);
    const { hardware, keeper } = this.#parts;
    if (!keeper) throw new NotApplicable("fork", "nobody keeps what this machine would leave");
    const why = hardware.save ? await hardware.saveObstacle?.() : `a machine of target ${this.target.target} cannot be saved`;
    if (why !== undefined) throw new NotApplicable("fork", why);
    // What the guest knows of our lines must be what a fork finds: nobody there, or the agent it is told of.
    const agent = await this.#shells.rest("the machine is being saved");
    const boots = this.boots.map(({ number, id }) => ({ number, id }));
    let moment: Moment | undefined;
    try {
      moment = await keeper.save(name, { hardware, guest: { boots, phase: this.phase, updates: this.#updates, agent } }, options);
      await this.#power.on(this.signal);
      return moment;
    } catch (error) {
      await moment?.[Symbol.asyncDispose]();
      // Nobody may take a machine that is gone for one that only could not be saved.
      if (!hardware.powered) this.#watch.poweredOff(`it could not go on when it had been saved: ${(error as Error).message}`, "broken");
      throw error;
    }
  }

  async upload(hostFile: string, guestPath: string): Promise<void> {
    await upload(() => this.shell(), hostFile, guestPath, this.signal);
  }

  async download(guestPath: string, hostFile: string): Promise<void> {
    await download(() => this.shell(), guestPath, hostFile, this.signal);
  }

  use(): MachineUse {
    return useOf(this.#parts, this.#log.boots, (boot) => this.#watch.signsOf(boot), this.#shells.found);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return (this.#disposal ??= this.#dispose());
  }

  async #dispose(): Promise<void> {
    const over = new HarnessError("OSB_MACHINE_CLOSED", "the machine was closed while something still waited for it");
    this.#life.abort(over);
    this.#watch.close(over);
    this.#observer.close();
    this.#shells.lose("the machine was closed");
    try {
      await this.#parts.hardware[Symbol.asyncDispose]();
      await this.#parts.keeper?.close();
    } finally {
      this.#line.close();
      this.#parts.bus.close();
    }
  }

  #listen(): void {
    const { hardware, expected, bus } = this.#parts;
    hardware.onSerial((line) => this.#line.attach(line));
    hardware.events.on("on", () => this.#begin("power came on"));
    hardware.events.on("woken", () => this.#goOn());
    hardware.events.on("reset", () => this.#restart());
    hardware.events.on("panic", () => this.#watch.panicked());
    hardware.events.on("shut", (reason) => this.#watch.shut(reason));
    hardware.events.on("watchdog", (action) => this.#watch.watchdogRan(action));
    hardware.events.on("off", (reason, by) => (this.#restarted(), this.#shells.lose(reason), this.#watch.poweredOff(reason, by)));
    this.#log.on("phase", (boot, phase) => {
      this.#line.marker(`boot ${boot.number}: ${phase}`);
      bus.tell({ type: "phase", phase, boot: boot.number, expectedMs: expected.median(phase) });
      if (phase === "initrd" || phase === "userspace") this.#shells.guestRuns();
      if (phase === "ready" && !boot.inherited) void expected.learn(boot.durations, this.#observer.silences());
    });
  }

  /** What the boot before said last is still on its way to those who read the console: it must not be taken for the new one's. */
  #restart(): void {
    this.#restarted();
    this.#shells.lose("the machine restarted");
    this.#restarted = this.#line.afterOutput(() => this.#begin("the machine restarted"));
  }

  #begin(reason: string): void {
    this.#shells.lose(reason);
    const known = this.#log.boots.length;
    this.#log.begin(this.#line.length, this.#parts.hardware.begins);
    if (this.#log.boots.length > known) void this.#awaitReady(this.#log.current as BootInProgress);
  }

  /** Takes up a saved machine's life: this one's own, or that of the machine it is a fork of. */
  #goOn(): void {
    const { origin } = this.#parts;
    if (origin && this.#log.boots.length === 0) this.#log.resume(origin.guest.boots, origin.guest.phase, this.#line.length);
    if (origin?.guest.updates !== undefined && this.#updates === undefined) void this.serveUpdates(origin.guest.updates);
    this.#line.marker("goes on from where it was saved");
    this.#shells.guestRuns();
  }

  /** Asks every boot whether it is ready, from its first moment: nobody need wait for it to be known. */
  async #awaitReady(boot: BootInProgress): Promise<void> {
    try {
      await untilReady(boot, this.#shells, this.#line, this.#parts.expected.limit("userspace"), this.#alive());
      if (this.#log.current === boot && this.#log.phase !== "off") this.#log.ready();
    } catch {
      // The boot ended, or its watch says why it never became ready.
    }
  }

  /** Aborts when the machine is closed or the boot that runs now dies: nothing waits for a dead machine. */
  #alive(signal?: AbortSignal): AbortSignal {
    return AbortSignal.any([this.signal, this.#watch.life, ...(signal ? [signal] : [])]);
  }
}
