import { once } from "node:events";
import { Console } from "../console/console.ts";
import { signaturesFor } from "../diagnosis/signature.ts";
import { deadline } from "../model/deadline.ts";
import { HarnessError } from "../model/errors.ts";
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
import { askToLeave, blameImage } from "./leave.ts";
import type { Machine, MachineConsole, WaitOptions } from "./machine.ts";
import { Observer } from "./observer.ts";
import type { MachineParts } from "./parts.ts";
import { awaitReady } from "./ready.ts";
import { Shells } from "./shells.ts";
import { useOf } from "./use.ts";
import { BootWatch } from "./watch.ts";

/** How long an orderly reboot or power-off may take to leave the running system. */
const leaveTimeoutMs = 180_000;

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
  #poweringOn: Promise<void> | undefined;

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
    this.#shells = new Shells(parts.hardware, this.#line, parts.image.manifest.access, parts.privateKey);
    this.#listen();
  }

  get phase(): Phase {
    return this.#log.phase;
  }

  get boots(): readonly Boot[] {
    return this.#log.boots;
  }

  async boot(until: Phase = "ready", options: WaitOptions = {}): Promise<Boot> {
    await this.#powerOn(this.#signal(options));
    return await this.#reach(Math.max(1, this.boots.length), until, options);
  }

  async reboot(options: WaitOptions = {}): Promise<Boot> {
    const before = this.boots.length;
    await askToLeave(this, "systemctl --no-block reboot 2>/dev/null || reboot");
    return await this.nextBoot(before, "ready", options);
  }

  async nextBoot(after: number, until: Phase = "ready", options: WaitOptions = {}): Promise<Boot> {
    const wait = deadline(`boot ${after + 1} to begin`, options.timeoutMs ?? leaveTimeoutMs, this.#signal(options));
    try {
      await this.#watch.reached(after + 1, "firmware", wait.signal);
    } catch (error) {
      throw this.#blame(wait.explain(error), "OSB_NO_REBOOT", `the machine did not restart: boot ${after} goes on`);
    } finally {
      wait.clear();
    }
    return await this.#reach(after + 1, until, options);
  }

  async powerOff(options: WaitOptions = {}): Promise<void> {
    if (!this.#parts.hardware.powered) return;
    const wait = deadline("the machine to switch itself off", options.timeoutMs ?? leaveTimeoutMs, this.#signal(options));
    try {
      const off = once(this.#parts.hardware.events, "off", { signal: wait.signal });
      off.catch(() => {});
      await askToLeave(this, "systemctl --no-block poweroff 2>/dev/null || poweroff");
      const [reason, by] = (await off) as [string, string];
      if (by === "broken") throw new HarnessError("OSB_QEMU_DIED", reason);
    } catch (error) {
      throw this.#blame(wait.explain(error), "OSB_NO_POWEROFF", "the machine did not switch itself off");
    } finally {
      wait.clear();
    }
  }

  async cutPower(): Promise<void> {
    await this.#parts.hardware.cutPower();
  }

  async shell(way?: Way): Promise<Shell> {
    const wait = deadline(`the ${way ?? "preferred"} shell to answer`, 120_000, this.#alive());
    try {
      return await this.#shells.get(way, wait.signal);
    } catch (error) {
      throw this.#blame(wait.explain(error), "OSB_NO_SHELL", `no shell answered by way of ${way ?? this.#shells.ways[0] ?? "nothing"}`);
    } finally {
      wait.clear();
    }
  }

  async run(command: string, options: RunOptions = {}): Promise<CommandResult> {
    return await (await this.shell()).run(command, { ...options, signal: this.#alive(options.signal) });
  }

  async capability(name: string): Promise<Capability> {
    return await findCapability(this, name);
  }

  async serveUpdates(folder: string): Promise<void> {
    this.#parts.hardware.serve(folder);
  }

  async upload(hostFile: string, guestPath: string): Promise<void> {
    await upload(() => this.shell(), hostFile, guestPath, this.signal);
  }

  async download(guestPath: string, hostFile: string): Promise<void> {
    await download(() => this.shell(), guestPath, hostFile, this.signal);
  }

  use(): MachineUse {
    return useOf(this.#parts, this.#log.boots, (boot) => this.#watch.signsOf(boot));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const over = new HarnessError("OSB_MACHINE_CLOSED", "the machine was closed while something still waited for it");
    this.#life.abort(over);
    this.#watch.close(over);
    this.#observer.close();
    this.#shells.lose("the machine was closed");
    try {
      await this.#parts.hardware[Symbol.asyncDispose]();
    } finally {
      this.#line.close();
      this.#parts.bus.close();
    }
  }

  #listen(): void {
    const { hardware, expected, bus } = this.#parts;
    hardware.onSerial((line) => this.#line.attach(line));
    hardware.events.on("on", () => this.#begin("power came on"));
    hardware.events.on("reset", () => this.#begin("the machine restarted"));
    hardware.events.on("panic", () => this.#watch.panicked());
    hardware.events.on("watchdog", (action) => this.#watch.watchdogRan(action));
    hardware.events.on("off", (reason, by) => {
      this.#shells.lose(reason);
      this.#watch.poweredOff(reason, by);
    });
    this.#log.on("phase", (boot, phase) => {
      this.#line.marker(`boot ${boot.number}: ${phase}`);
      bus.tell({ type: "phase", phase, boot: boot.number, expectedMs: expected.median(phase) });
      if (phase === "initrd" || phase === "userspace") this.#shells.guestRuns();
      if (phase === "ready") void expected.learn(boot.durations, this.#observer.silences());
    });
  }

  #begin(reason: string): void {
    this.#shells.lose(reason);
    const known = this.boots.length;
    this.#log.begin(this.#line.length, this.#parts.hardware.begins);
    if (this.boots.length > known) void this.#awaitReady(this.#log.current as BootInProgress);
  }

  /** Asks every boot whether it is ready, from its first moment: nobody need wait for it to be known. */
  async #awaitReady(boot: BootInProgress): Promise<void> {
    const way = this.#shells.ways[0];
    const current = () => this.#log.current === boot && this.phase !== "off";
    const signal = this.#alive();
    try {
      if (way === undefined || way === "serial") {
        await this.#line.expect(/(?:^|\n)(?!Last )\S+ login: /, signal, boot.consoleStart);
      } else {
        const shell = await this.#shells.get(way, signal);
        boot.id = await awaitReady(shell, signal, this.#parts.expected.limit("userspace"));
      }
      if (current()) this.#log.enter("ready");
    } catch {
      // The boot ended, or its watch says why it never became ready.
    }
  }

  /** Several callers may ask for power at the same time. */
  async #powerOn(signal: AbortSignal): Promise<void> {
    if (this.#parts.hardware.powered) return;
    this.#poweringOn ??= this.#parts.hardware.powerOn(signal).finally(() => (this.#poweringOn = undefined));
    await this.#poweringOn;
  }

  async #reach(boot: number, until: Phase, options: WaitOptions): Promise<Boot> {
    const signal = this.#signal(options);
    if (options.timeoutMs === undefined) return await this.#watch.reached(boot, until, signal);
    const wait = deadline(`boot ${boot} to be ${until}`, options.timeoutMs, signal);
    try {
      return await this.#watch.reached(boot, until, wait.signal);
    } catch (error) {
      throw this.#blame(
        wait.explain(error),
        "OSB_BOOT_SLOW",
        `boot ${boot} was not ${until} in time, it stands in its ${this.phase} phase`,
      );
    } finally {
      wait.clear();
    }
  }

  #blame(error: unknown, code: string, what: string): unknown {
    const late = error instanceof HarnessError && error.code === "OSB_TIMEOUT";
    return (late && this.#watch.death) || blameImage(error, code, what, this.#line);
  }

  /** Aborts when the machine is closed or the boot that runs now dies: nothing waits for a dead machine. */
  #alive(signal?: AbortSignal): AbortSignal {
    return AbortSignal.any([this.signal, this.#watch.life, ...(signal ? [signal] : [])]);
  }

  #signal(options: WaitOptions): AbortSignal {
    return options.signal ? AbortSignal.any([options.signal, this.signal]) : this.signal;
  }
}
